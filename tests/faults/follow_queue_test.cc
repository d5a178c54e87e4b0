// The consumer in docs/examples, which follows one queue in Kafka as schemas/consumers.md tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>

#include "core/eventlog/kafka/kafka_log.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/faults/queue_follower.h"
#include "tests/simulator/ids.h"
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::eventually;
using test_support::ExitStatus;
using test_support::KafkaAdmin;
using test_support::Process;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::chrono::seconds kLong{60};
constexpr int kPartitions = 4;
constexpr std::size_t kSome = 500;  // events
constexpr int kJobSets = 8;
const std::string kQueue = "team a/b";
const std::string kOtherQueue = "team-c";
const std::string kUser = "reader";
const std::string kPassword = "secret";

// One for all tests here.
test_support::KafkaCluster& kafka() {
  static test_support::KafkaCluster cluster({.users = {{kUser, kPassword}}});
  return cluster;
}

// Every second one is of kQueue.
base::JobSet job_set(int number) {
  return {number % 2 == 0 ? kQueue : kOtherQueue, "set " + std::to_string(number)};
}
std::string as_printed(int number) {
  return "set%20" + std::to_string(number);
}

simulator::Options world() {
  simulator::Options options;
  options.listen = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
  options.seed = 5;
  options.load = {.queues = {kQueue, kOtherQueue},
                  .prefix = "set ",
                  .job_sets = kJobSets,
                  .jobs = 400,
                  .live_jobs = 20,
                  .rate = 1000};
  options.faults.duplicate_probability = 0.01;
  options.faults.late_probability = 0.01;
  options.faults.foreign_probability = 0.01;
  options.faults.unknown_kind_probability = 0.01;
  options.faults.no_job_id_probability = 0.01;
  options.faults.truncated_probability = 0.01;
  return options;
}

class FollowQueue : public testing::Test {
 protected:
  FollowQueue() : tiers_({world_.listen, kafka().servers(), folder_.path(), {"a"}}) {
    log_ = test_support::open_log(kafka().servers());
    admin_.allow(kUser, KafkaAdmin::Operation::kRead, kEvents);
  }

  // So that the load begins when all else is ready.
  void subscribe_and_begin() {
    const test_support::CacheClient client(tiers_.grpc_address());
    for (int i = 0; i < kJobSets; ++i) {
      ASSERT_TRUE(
          eventually(kLong, [&] { return client.subscribe(job_set(i), "test", 3600).ok(); }));
    }
    ASSERT_TRUE(armada_.start());
  }

  // As a user who may do nothing but read the events.
  QueueFollower follow(const std::string& queue = kQueue) const {
    return {{"--brokers=" + kafka().sasl_servers(), "--queue=" + queue, "--from-start",
             "--state=" + state_file_.string(), "-Xsecurity.protocol=SASL_PLAINTEXT",
             "-Xsasl.mechanism=PLAIN", "-Xsasl.username=" + kUser, "-Xsasl.password=" + kPassword},
            folder_.path()};
  }

  FollowedPositions saved() const { return saved_positions(state_file_); }
  bool is_at_the_end() const {
    FollowedPositions ends;
    for (eventlog::Partition number = 0; number < kPartitions; ++number) {
      const auto end = log_->end_offset({kEvents, number});
      if (!end) return false;
      ends[std::to_string(number)] = *end;
    }
    return saved() == ends;
  }

  void kill_ingest() {
    Process& ingest = tiers_.ingest(ingest_).process();
    ingest.send(SIGKILL);
    ingest.wait_for_exit(kLong);
  }
  void start_ingest() {
    tiers_.add_ingest();
    ++ingest_;
  }

  // All that Armada ever told of the queue, by job set.
  static std::map<std::string, std::set<std::string>> sent(const simulator::Account& account) {
    std::map<std::string, std::set<std::string>> ids;
    for (int i = 0; i < kJobSets; i += 2) {
      for (const simulator::MessageId& message : account.find(job_set(i))->ids) {
        ids[as_printed(i)].insert(simulator::to_text(message.id, message.last));
      }
    }
    return ids;
  }

  // The queue's messages that are in the topic more than once.
  std::size_t repeated_in_the_topic() {
    const auto contents = test_support::read_log(*log_, kPartitions);
    std::size_t repeated = 0;
    for (int i = 0; i < kJobSets; i += 2) {
      for (const auto& [id, times] : contents.messages.at(job_set(i))) {
        if (times > 1) ++repeated;
      }
    }
    return repeated;
  }

  // Records that no follower can make sense of.
  void append_oddities() {
    const auto home = topics::partition_of_job_set(job_set(0), kPartitions);
    admin_.append_transaction(kEvents, home);
    armada_.emit_raw(job_set(0), "\xff\xff");
  }

  const std::string kEvents{topics::kEvents};
  const simulator::Options world_ = world();
  test_support::TempDir folder_;
  const std::filesystem::path state_file_ = folder_.path() / "state";
  simulator::Simulator armada_{world_};
  test_support::ThreeTiers tiers_;
  KafkaAdmin admin_{kafka().servers()};
  std::unique_ptr<eventlog::EventLog> log_;
  std::size_t ingest_ = 0;  // the one that lives
};

// Job sets by the jobs that were submitted there.
std::map<std::string, std::string> jobs_of(const FollowedEvents& events) {
  std::map<std::string, std::string> jobs;
  for (const FollowedEvent& event : events) {
    if (event.kind == "submitted" && event.job != "-") jobs[event.job] = event.job_set;
  }
  return jobs;
}

std::map<std::string, std::string> jobs_of(const simulator::Account& account) {
  std::map<std::string, std::string> jobs;
  for (const simulator::JobAccount& job : account.jobs) {
    for (int i = 0; i < kJobSets; i += 2) {
      if (job.job_set == job_set(i)) jobs[job.id] = as_printed(i);
    }
  }
  return jobs;
}

FollowedEvents operator+(FollowedEvents first, const FollowedEvents& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

ExitStatus end(QueueFollower& follower, int signal) {
  follower.process().send(signal);
  return follower.process().wait_for_exit(kLong).value_or(ExitStatus{-1, 0});
}

TEST(FollowQueueAlone, SaysWhatIsWrong) {
  const test_support::TempDir folder;
  QueueFollower alone({"--brokers=127.0.0.1:1", "--queue=q"}, folder.path());
  QueueFollower without_topic({"--brokers=" + kafka().servers(), "--queue=q"}, folder.path());
  EXPECT_EQ(without_topic.process().wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(without_topic.process().standard_error(),
              HasSubstr("armada.events at " + kafka().servers() + ": Broker: Unknown topic"));
  EXPECT_EQ(alone.process().wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(alone.process().standard_error(), HasSubstr("armada.events at 127.0.0.1:1: "));
}

// Invariant 1, as others see it.
TEST_F(FollowQueue, EachEventOfTheQueueOnceWhateverIsKilled) {
  ASSERT_NO_FATAL_FAILURE(subscribe_and_begin());
  QueueFollower first = follow();
  ASSERT_TRUE(first.has_more_than(kSome)) << first.process().standard_error();
  kill_ingest();
  ASSERT_TRUE(eventually(kLong, [&] { return is_at_the_end(); }));
  ASSERT_EQ(end(first, SIGTERM), (ExitStatus{0, 0})) << first.process().standard_error();

  start_ingest();  // which repeats what `first` has seen
  const FollowedPositions at_first = saved();
  QueueFollower second = follow();
  ASSERT_TRUE(second.has_more_than(kSome)) << second.process().standard_error();
  ASSERT_TRUE(eventually(kLong, [&] { return saved() != at_first; }));
  // As a rule there are more than it has saved; not where it has printed all that there is.
  const std::size_t some = second.events().size();
  eventually(1s, [&] { return second.events().size() > some; });
  end(second, SIGKILL);
  const FollowedEvents before = first.events() + up_to(saved(), second.events());

  QueueFollower third = follow();
  kill_ingest();
  start_ingest();
  kafka().kill(0);
  kafka().start(0);
  kafka().wait_until_ready();
  ASSERT_TRUE(eventually(kLong, [&] { return armada_.ended(); }));
  const simulator::Account account = armada_.account();
  const auto expected = sent(account);
  EXPECT_TRUE(eventually(kLong, [&] {
    return ids_by_job_set(before + third.events()) == expected;
  })) << third.process().standard_error();
  EXPECT_TRUE(eventually(kLong, [&] { return is_at_the_end(); }));
  const FollowedEvents all = before + third.events();
  EXPECT_THAT(order_problems(all), IsEmpty());
  EXPECT_EQ(jobs_of(all), jobs_of(account));
  EXPECT_GT(repeated_in_the_topic(), 0U);
  std::cout << all.size() << " events; " << repeated_in_the_topic() << " repeated in the topic, "
            << first.events().size() + second.events().size() - before.size()
            << " printed again after the kill" << std::endl;

  append_oddities();
  EXPECT_TRUE(eventually(kLong, [&] {
    return third.process().standard_error().find("cannot be read") != std::string::npos;
  }));
  EXPECT_THAT(third.process().standard_error(), Not(HasSubstr("authorization")));
  EXPECT_EQ(end(third, SIGINT), (ExitStatus{0, 0})) << third.process().standard_error();

  QueueFollower other = follow(kOtherQueue);
  EXPECT_EQ(other.process().wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(other.process().standard_error(), HasSubstr("is of another queue"));
}

}  // namespace
}  // namespace armada_cache
