// What becomes of appends and questions when a broker dies, stalls, or refuses.
#include "core/eventlog/kafka/kafka_log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"

namespace armada_cache::eventlog {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test_support::KafkaAdmin;
using test_support::KafkaCluster;
using test_support::kOneCopy;
using test_support::open_log;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kLong{60};

// Appends numbers to one partition the way a relay does: one batch at a time, and after a failure
// again from the last acknowledged number on.
class Relaying {
 public:
  Relaying(EventLog& log, TopicPartition to) : to_(std::move(to)), appender_(log.appender()) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) send();
    });
  }

  int acknowledged() const { return acknowledged_; }
  int failures() const { return failures_; }

 private:
  void send() {
    constexpr int kBatch = 50;
    std::vector<Record> batch;
    for (int i = 0; i < kBatch; ++i) {
      batch.push_back({"key", std::to_string(acknowledged_ + i), {}});
    }
    std::promise<bool> stored;
    appender_->append(to_, std::move(batch), [&](const base::Result<Offset>& last) {
      stored.set_value(last.has_value());
    });
    if (stored.get_future().get()) {
      acknowledged_ += kBatch;
    } else {
      ++failures_;
      std::this_thread::yield();
    }
  }

  const TopicPartition to_;
  std::atomic<int> acknowledged_ = 0;
  std::atomic<int> failures_ = 0;
  const std::unique_ptr<Appender> appender_;
  std::jthread thread_;
};

std::vector<int> read_numbers(EventLog& log, const TopicPartition& of) {
  std::vector<int> numbers;
  const Offset end = log.end_offset(of).value();
  const auto reader = std::move(log.reader({{of, 0}}).value());
  const auto deadline = steady_clock::now() + kLong;
  while (reader->position(of) < end && steady_clock::now() < deadline) {
    const auto polled = reader->poll(1000, milliseconds(100));
    if (!polled) throw std::runtime_error(polled.error().message);
    for (const RecordView& record : *polled)
      numbers.push_back(std::stoi(std::string(*record.value)));
  }
  return numbers;
}

// What a reader is left with that drops whatever is not newer than what it saw: every number below
// `count`, or the first one that is missing.
int first_missing(const std::vector<int>& numbers, int count) {
  int next = 0;
  for (const int number : numbers) {
    if (number > next) return next;  // something newer came first: its repeat would be dropped
    if (number == next) ++next;
  }
  return std::min(next, count);
}

bool wait_for_more(const Relaying& relaying, int than) {
  return test_support::eventually(kLong, [&] { return relaying.acknowledged() > than + 1000; });
}

// Every number below the highest is left to a reader that drops repeats; `acknowledged` is lower.
void expect_whole(EventLog& log, const TopicPartition& of, int acknowledged) {
  const auto numbers = read_numbers(log, of);
  ASSERT_FALSE(numbers.empty());
  const int count = *std::ranges::max_element(numbers) + 1;
  EXPECT_EQ(first_missing(numbers, count), count);
  EXPECT_GE(count, acknowledged);
}

// A broker may be slow to answer at first.
bool made(EventLog& log, const TopicSpec& spec) {
  return test_support::eventually(kLong, [&] { return log.ensure_topic(spec).has_value(); });
}

// Invariant 1, at the log: nothing acknowledged is lost, nothing is stored behind a gap.
TEST(KafkaFaults, ABrokerKilledAmongAppendsLosesNothingAndLeavesNoGaps) {
  KafkaCluster cluster;
  const auto log = open_log({.brokers = cluster.servers(), .topics = kOneCopy});
  ASSERT_TRUE(made(*log, {.name = "events", .partitions = 2}));
  std::array<int, 2> acknowledged{};
  {
    Relaying first(*log, {"events", 0});
    Relaying second(*log, {"events", 1});
    ASSERT_TRUE(wait_for_more(first, 0));
    cluster.kill(0);
    cluster.start(0);
    cluster.wait_until_ready();
    ASSERT_TRUE(wait_for_more(first, first.acknowledged()));
    ASSERT_TRUE(wait_for_more(second, second.acknowledged()));
    acknowledged = {first.acknowledged(), second.acknowledged()};
  }
  for (const Partition partition : {0, 1}) {
    expect_whole(*log, {"events", partition}, acknowledged[static_cast<std::size_t>(partition)]);
  }
}

TEST(KafkaFaults, WithThreeCopiesAppendsGoOnWhileAnyOneBrokerIsDead) {
  KafkaCluster cluster({.brokers = 3});
  const auto log = open_log(kafka::KafkaLogOptions{.brokers = cluster.servers()});
  ASSERT_TRUE(made(*log, {.name = "events", .partitions = 3}));
  std::vector<std::unique_ptr<Relaying>> relaying;
  for (const Partition partition : {0, 1, 2}) {  // each with a leader of its own
    relaying.push_back(std::make_unique<Relaying>(*log, TopicPartition{"events", partition}));
  }
  for (const auto& each : relaying) ASSERT_TRUE(wait_for_more(*each, 0));
  cluster.kill(1);
  for (const auto& each : relaying) ASSERT_TRUE(wait_for_more(*each, each->acknowledged()));
  const auto ends = log->end_offsets({{"events", 0}, {"events", 1}, {"events", 2}});
  EXPECT_TRUE(ends) << ends.error().message;
  std::vector<int> acknowledged;
  for (const auto& each : relaying) acknowledged.push_back(each->acknowledged());
  relaying.clear();
  for (const Partition partition : {0, 1, 2}) {
    expect_whole(*log, {"events", partition}, acknowledged[static_cast<std::size_t>(partition)]);
  }
}

TEST(KafkaFaults, WhileAnAppendWaitsLongerThanAnAttemptTakesTheLogIsNotWritable) {
  KafkaCluster cluster;
  const auto log = open_log({.brokers = cluster.servers(),
                             .topics = kOneCopy,
                             .request_timeout = milliseconds(1'000),
                             .delivery_timeout = 2 * kLong});
  ASSERT_TRUE(made(*log, {.name = "events"}));
  Relaying relaying(*log, {"events", 0});
  ASSERT_TRUE(wait_for_more(relaying, 0));
  EXPECT_TRUE(log->writable());
  cluster.pause(0);
  EXPECT_TRUE(test_support::eventually(kLong, [&] { return !log->writable(); }));
  EXPECT_EQ(relaying.failures(), 0);
  cluster.resume(0);
  EXPECT_TRUE(test_support::eventually(kLong, [&] { return log->writable().has_value(); }));
}

TEST(KafkaFaults, ABrokerThatStallsBeyondTheDeliveryTimeoutIsSaidAndNothingIsLost) {
  KafkaCluster cluster;
  const auto log = open_log({.brokers = cluster.servers(),
                             .topics = kOneCopy,
                             .answer_timeout = milliseconds(2'000),
                             .request_timeout = milliseconds(1'000),
                             .delivery_timeout = milliseconds(2'000),
                             .doubt = milliseconds(100)});
  ASSERT_TRUE(made(*log, {.name = "events"}));
  const TopicPartition at{"events", 0};
  int acknowledged = 0;
  {
    Relaying relaying(*log, at);
    ASSERT_TRUE(wait_for_more(relaying, 0));
    cluster.pause(0);
    EXPECT_TRUE(test_support::eventually(kLong, [&] { return relaying.failures() > 1; }));
    EXPECT_TRUE(test_support::eventually(kLong, [&] {
      const auto writable = log->writable();
      return !writable && writable.error().code == ErrorCode::kUnavailable;
    }));
    EXPECT_EQ(log->end_offset(at).error().code, ErrorCode::kUnavailable);
    cluster.resume(0);
    ASSERT_TRUE(wait_for_more(relaying, relaying.acknowledged()));
    acknowledged = relaying.acknowledged();
  }
  EXPECT_TRUE(test_support::eventually(kLong, [&] { return log->writable().has_value(); }));
  expect_whole(*log, at, acknowledged);
}

TEST(KafkaFaults, ATransactionOfOthersThatStaysOpenHoldsNobodyBack) {
  const KafkaCluster cluster;
  const auto log = open_log(cluster.servers());
  ASSERT_TRUE(made(*log, {.name = "numbers"}));
  const auto others = KafkaAdmin(cluster.servers()).open_transaction("numbers", 0);
  const TopicPartition numbers{"numbers", 0};
  const Relaying relaying(*log, numbers);
  ASSERT_TRUE(wait_for_more(relaying, 0));

  EXPECT_GT(log->end_offset(numbers).value(), 1000);
  const auto reader = std::move(log->reader({{numbers, 0}}).value());
  EXPECT_TRUE(test_support::eventually(kLong, [&] {
    EXPECT_TRUE(reader->poll(1000, milliseconds(100)));
    return reader->position(numbers) > 1000;
  }));
}

TEST(KafkaFaults, ABrokerThatIsAwayAtTheStartIsWaitedForAndSaid) {
  const std::string nowhere = "127.0.0.1:" + std::to_string(test_support::free_ports(1)[0]);
  const auto log =
      open_log({.brokers = nowhere, .topics = kOneCopy, .answer_timeout = milliseconds(300)});
  const auto ensured = log->ensure_topic({.name = "events"});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ensured.error().message, AllOf(HasSubstr("events"), HasSubstr(nowhere)));
  EXPECT_EQ(log->reader({{{"events", 0}, 0}}).error().code, ErrorCode::kUnavailable);
}

TEST(KafkaFaults, QuestionsForEndsNeverWaitAndAreAnsweredWhenTheBrokerIsBack) {
  constexpr milliseconds kTimeout(5'000);
  KafkaCluster cluster;
  const auto log = open_log({.brokers = cluster.servers(),
                             .topics = kOneCopy,
                             .max_end_questions = 3,
                             .answer_timeout = kTimeout});
  ASSERT_TRUE(made(*log, {.name = "events", .partitions = 4}));
  const TopicPartition at{"events", 3};
  cluster.pause(0);
  std::vector<std::future<base::Result<Positions>>> answers;
  const auto asked = steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
    log->ends({at, {"events", 0}},
              [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); });
    answers.push_back(told->get_future());
  }
  EXPECT_LT(steady_clock::now() - asked, kTimeout);
  EXPECT_EQ(answers[3].get().error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(answers[0].get().error().code, ErrorCode::kUnavailable);
  EXPECT_LT(steady_clock::now() - asked, 4 * kTimeout);
  cluster.resume(0);
  EXPECT_TRUE(test_support::eventually(
      kLong, [&] { return log->end_offset(at) == base::Result<Offset>(0); }));
}

TEST(KafkaFaults, APartitionWhoseBrokerStallsHoldsUpOnlyQuestionsForItself) {
  KafkaCluster cluster({.brokers = 3});
  const auto log = open_log(
      {.brokers = cluster.servers(), .topics = kOneCopy, .answer_timeout = milliseconds(1'500)});
  constexpr Partition kPartitions = 12;  // so many that several brokers lead some of them
  ASSERT_TRUE(made(*log, {.name = "single", .partitions = kPartitions}));
  ASSERT_TRUE(test_support::eventually(kLong, [&] {
    return log->end_offsets({{"single", 0}, {"single", 1}, {"single", 2}}).has_value();
  }));
  const std::vector<std::size_t> leaders = KafkaAdmin(cluster.servers()).leaders("single");
  ASSERT_EQ(leaders.size(), kPartitions);
  const std::size_t stalled = leaders[0];
  cluster.pause(stalled);  // the others take it for alive for 2 s more
  std::vector<std::future<base::Result<Positions>>> answers;
  for (Partition partition = 0; partition < kPartitions; ++partition) {
    const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
    log->ends({{"single", partition}},
              [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); });
    answers.push_back(told->get_future());
  }
  int answered = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool told = answers[i].get().has_value();
    EXPECT_FALSE(told && leaders[i] == stalled) << "partition " << i;
    answered += told;
  }
  EXPECT_GT(answered, 0);
  cluster.resume(stalled);
}

}  // namespace
}  // namespace armada_cache::eventlog
