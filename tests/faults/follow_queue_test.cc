// The consumer in docs/examples, which follows one queue in Kafka as schemas/consumers.md tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "core/base/upstream_id.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "core/topics/codecs.h"
#include "tests/simulator/ids.h"
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/temp_dir.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::eventually;
using test_support::ExitStatus;
using test_support::Process;
using test_support::ThreeTiers;
using testing::HasSubstr;
using testing::Not;

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLong{60};
constexpr int kPartitions = 4;
constexpr std::size_t kSome = 500;  // lines
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

// As it is printed; every second one is of kQueue.
std::string name_of_job_set(int number, const char* space = "%20") {
  return std::string("set") + space + std::to_string(number);
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

struct Line {
  std::string job_set;
  std::string job;
  std::string id;
  std::string partition;
  std::int64_t offset = 0;
};

std::vector<Line> lines_of(const Process& follower) {
  std::vector<Line> lines;
  std::istringstream text(follower.standard_output());
  std::string time;
  std::string kind;
  Line line;
  while (text >> time >> line.job_set >> line.job >> kind >> line.id >> line.partition >>
         line.offset) {
    lines.push_back(line);
  }
  return lines;
}

class FollowQueue : public testing::Test {
 protected:
  std::unique_ptr<Process> follow(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     std::string(TEST_DATA_DIR) + "/../../docs/examples/follow_queue.py");
    return std::make_unique<Process>(
        test_support::Command{"/usr/bin/python3", std::move(arguments), {}}, folder_.path());
  }

  // As a user who may do nothing but read the events.
  std::unique_ptr<Process> follow_queue() {
    return follow({"--brokers=" + kafka().sasl_servers(), "--queue=" + kQueue, "--from-start",
                   "--state=" + state_file().string(), "-Xsecurity.protocol=SASL_PLAINTEXT",
                   "-Xsasl.mechanism=PLAIN", "-Xsasl.username=" + kUser,
                   "-Xsasl.password=" + kPassword});
  }

  static bool has_some(const Process& follower) {
    return eventually(kLong, [&] { return lines_of(follower).size() > kSome; });
  }

  std::filesystem::path state_file() const { return folder_.path() / "state"; }
  // The next offset of each partition, as it was saved.
  std::map<std::string, std::int64_t> saved() const {
    std::ifstream in(state_file());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    std::map<std::string, std::int64_t> positions;
    if (text.empty()) return positions;
    const boost::json::value state = boost::json::parse(text);
    for (const auto& [partition, here] : state.at("partitions").as_object()) {
      positions[partition] = here.at("next").to_number<std::int64_t>();
    }
    return positions;
  }

  test_support::TempDir folder_;
};

class FollowQueueOfArmada : public FollowQueue {
 protected:
  FollowQueueOfArmada()
      : armada_(world_), tiers_({world_.listen, kafka().servers(), folder_.path(), {"a"}}) {
    eventlog::kafka::KafkaLogOptions options;
    options.brokers = kafka().servers();
    options.topics = {.replication_factor = 1, .min_insync_replicas = 1};
    log_ = std::move(eventlog::kafka::open_kafka_log(options).value());
    test_support::KafkaAdmin(kafka().servers())
        .allow(kUser, test_support::KafkaAdmin::Operation::kRead, std::string(topics::kEvents));
  }

  // So that the load begins when all else is ready.
  void subscribe_and_begin() {
    const test_support::CacheClient client(tiers_.grpc_address());
    for (int i = 0; i < kJobSets; ++i) {
      const base::JobSet job_set{i % 2 == 0 ? kQueue : kOtherQueue, name_of_job_set(i, " ")};
      ASSERT_TRUE(eventually(kLong, [&] { return client.subscribe(job_set, "test", 3600).ok(); }));
    }
    ASSERT_TRUE(armada_.start());
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

  bool is_at_the_end() {
    const auto positions = saved();
    for (eventlog::Partition number = 0; number < kPartitions; ++number) {
      const auto end = log_->end_offset({std::string(topics::kEvents), number}).value();
      const auto position = positions.find(std::to_string(number));
      if (position == positions.end() || position->second != end) return false;
    }
    return true;
  }

  // All that Armada ever told of the queue, by job set.
  static std::map<std::string, std::set<std::string>> sent(const simulator::Account& account) {
    std::map<std::string, std::set<std::string>> ids;
    for (int i = 0; i < kJobSets; i += 2) {
      const auto* const job_set = account.find({kQueue, name_of_job_set(i, " ")});
      for (const simulator::MessageId& message : job_set->ids) {
        ids[name_of_job_set(i)].insert(simulator::to_text(message.id, message.last));
      }
    }
    return ids;
  }

  // Messages of the queue that are more than once in the topic.
  std::size_t repeated_in_the_log() {
    const auto contents = test_support::read_log(*log_, kPartitions);
    std::size_t repeated = 0;
    for (int i = 0; i < kJobSets; i += 2) {
      for (const auto& [id, times] : contents.messages.at({kQueue, name_of_job_set(i, " ")})) {
        if (times > 1) ++repeated;
      }
    }
    return repeated;
  }

  const simulator::Options world_ = world();
  simulator::Simulator armada_;
  ThreeTiers tiers_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::size_t ingest_ = 0;  // the one that lives
};

std::map<std::string, std::set<std::string>> ids_of(const std::vector<Line>& lines) {
  std::map<std::string, std::set<std::string>> ids;
  for (const Line& line : lines) ids[line.job_set].insert(line.id);
  return ids;
}

// Each job set's events of a partition as Armada told them, none of them twice.
void expect_order(const std::vector<Line>& lines) {
  std::map<std::pair<std::string, std::string>, base::UpstreamId> last;
  for (const Line& line : lines) {
    const auto id = base::UpstreamId::parse(line.id).value();
    const auto [newest, first] = last.try_emplace({line.job_set, line.partition}, id);
    EXPECT_TRUE(first || newest->second < id) << line.job_set << " " << line.id;
    newest->second = id;
  }
}

// Of the lines of one that was killed, those that it does not repeat after it.
std::vector<Line> before(const std::map<std::string, std::int64_t>& positions,
                         std::vector<Line> lines) {
  std::erase_if(lines,
                [&](const Line& line) { return line.offset >= positions.at(line.partition); });
  return lines;
}

void append(std::vector<Line>& to, const std::vector<Line>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

TEST_F(FollowQueue, SaysWhatIsWrong) {
  const auto alone = follow({"--brokers=127.0.0.1:1", "--queue=q"});
  const auto without_topic = follow({"--brokers=" + kafka().servers(), "--queue=q"});
  EXPECT_EQ(without_topic->wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(without_topic->standard_error(), HasSubstr("armada.events at " + kafka().servers()));
  EXPECT_THAT(without_topic->standard_error(), HasSubstr("Unknown topic"));
  EXPECT_EQ(alone->wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(alone->standard_error(), HasSubstr("armada.events at 127.0.0.1:1"));
}

// Invariant 1, as somebody else sees it.
TEST_F(FollowQueueOfArmada, EachEventOfTheQueueOnceWhateverIsKilled) {
  ASSERT_NO_FATAL_FAILURE(subscribe_and_begin());
  const auto first = follow_queue();
  ASSERT_TRUE(has_some(*first)) << first->standard_error();
  kill_ingest();
  ASSERT_TRUE(eventually(kLong, [&] { return is_at_the_end(); })) << first->standard_error();
  first->send(SIGTERM);
  ASSERT_EQ(first->wait_for_exit(kLong), (ExitStatus{0, 0})) << first->standard_error();

  start_ingest();  // which repeats what `first` has seen
  const auto before_second = saved();
  const auto second = follow_queue();
  ASSERT_TRUE(has_some(*second)) << second->standard_error();
  ASSERT_TRUE(eventually(kLong, [&] { return saved() != before_second; }));
  // As a rule there are lines that it repeats; not where all has been printed already.
  const std::size_t lines_when_saved = lines_of(*second).size();
  eventually(1s, [&] { return lines_of(*second).size() > lines_when_saved; });
  second->send(SIGKILL);
  second->wait_for_exit(kLong);
  const auto positions = saved();

  const auto third = follow_queue();
  kill_ingest();
  start_ingest();
  ASSERT_TRUE(eventually(kLong, [&] { return armada_.ended(); }));
  std::vector<Line> lines = lines_of(*first);
  append(lines, before(positions, lines_of(*second)));
  const auto all = [&] {
    std::vector<Line> with_third = lines;
    append(with_third, lines_of(*third));
    return with_third;
  };
  const auto expected = sent(armada_.account());
  EXPECT_TRUE(eventually(kLong, [&] { return ids_of(all()) == expected; }))
      << third->standard_error();
  EXPECT_TRUE(eventually(kLong, [&] { return is_at_the_end(); }));
  expect_order(all());
  EXPECT_GT(repeated_in_the_log(), 0U);
  std::cout << all().size() << " lines; repeated in the topic: " << repeated_in_the_log()
            << ", after the kill: "
            << lines_of(*second).size() - before(positions, lines_of(*second)).size() << std::endl;

  armada_.emit_raw({kQueue, name_of_job_set(0, " ")}, "\xff\xff");
  EXPECT_TRUE(eventually(kLong, [&] {
    return third->standard_error().find("cannot be read") != std::string::npos;
  })) << third->standard_error();
  EXPECT_THAT(third->standard_error(), Not(HasSubstr("authorization"))) << "it needs no group";
  third->send(SIGINT);
  EXPECT_EQ(third->wait_for_exit(kLong), (ExitStatus{0, 0})) << third->standard_error();

  const auto other = follow({"--brokers=" + kafka().servers(), "--queue=" + kOtherQueue,
                             "--state=" + state_file().string()});
  EXPECT_EQ(other->wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(other->standard_error(), HasSubstr("is of another queue"));
}

}  // namespace
}  // namespace armada_cache
