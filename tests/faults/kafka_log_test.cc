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

namespace armada_cache::eventlog {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test_support::KafkaAdmin;
using test_support::KafkaCluster;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kLong{60};
constexpr kafka::TopicDefaults kOneCopy{.replication_factor = 1, .min_insync_replicas = 1};

std::unique_ptr<EventLog> open(const kafka::KafkaLogOptions& options) {
  auto opened = kafka::open_kafka_log(options);
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

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
  const auto log = open({.brokers = cluster.servers(), .topics = kOneCopy});
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
  const auto log = open({.brokers = cluster.servers()});
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

TEST(KafkaFaults, ABrokerThatStallsBeyondTheDeliveryTimeoutIsSaidAndNothingIsLost) {
  KafkaCluster cluster;
  const auto log = open({.brokers = cluster.servers(),
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

TEST(KafkaFaults, ABrokerThatIsAwayAtTheStartIsWaitedForAndSaid) {
  const std::string nowhere = "127.0.0.1:" + std::to_string(test_support::free_ports(1)[0]);
  const auto log =
      open({.brokers = nowhere, .topics = kOneCopy, .answer_timeout = milliseconds(300)});
  const auto ensured = log->ensure_topic({.name = "events"});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ensured.error().message, AllOf(HasSubstr("events"), HasSubstr(nowhere)));
  EXPECT_EQ(log->reader({{{"events", 0}, 0}}).error().code, ErrorCode::kUnavailable);
}

TEST(KafkaFaults, QuestionsForEndsNeverWaitAndAreAnsweredWhenTheBrokerIsBack) {
  KafkaCluster cluster;
  const auto log = open({.brokers = cluster.servers(),
                         .topics = kOneCopy,
                         .max_end_questions = 3,
                         .answer_timeout = milliseconds(3'000)});
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
  EXPECT_LT(steady_clock::now() - asked, milliseconds(500));
  EXPECT_EQ(answers[3].get().error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(answers[0].get().error().code, ErrorCode::kUnavailable);
  EXPECT_LT(steady_clock::now() - asked, milliseconds(6'000));
  cluster.resume(0);
  EXPECT_TRUE(test_support::eventually(
      kLong, [&] { return log->end_offset(at) == base::Result<Offset>(0); }));
}

TEST(KafkaFaults, APartitionWhoseBrokerStallsHoldsUpOnlyQuestionsForItself) {
  KafkaCluster cluster({.brokers = 3});
  const auto log = open(
      {.brokers = cluster.servers(), .topics = kOneCopy, .answer_timeout = milliseconds(1'500)});
  // So many that the broker leads some of them, and others the rest.
  ASSERT_TRUE(made(*log, {.name = "single", .partitions = 12}));
  ASSERT_TRUE(test_support::eventually(kLong, [&] {
    return log->end_offsets({{"single", 0}, {"single", 1}, {"single", 2}}).has_value();
  }));
  cluster.pause(1);  // the others take it for alive for 2 s more
  std::vector<std::future<base::Result<Positions>>> answers;
  for (Partition partition = 0; partition < 12; ++partition) {
    const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
    log->ends({{"single", partition}},
              [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); });
    answers.push_back(told->get_future());
  }
  int answered = 0;
  for (auto& answer : answers) answered += answer.get().has_value();
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 12);
  cluster.resume(1);
}

// One cluster with users for the cases below, each with topics and users of its own.
class KafkaAccess : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = std::make_unique<KafkaCluster>(test_support::KafkaClusterOptions{
        .users = {{"cache", "right-password"}, {"reader", "another-password"}}});
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  static std::unique_ptr<EventLog> open_as(const std::string& user, const std::string& password) {
    return open({.brokers = cluster_->sasl_servers(),
                 .topics = kOneCopy,
                 .properties = {{"security.protocol", "sasl_plaintext"},
                                {"sasl.mechanism", "PLAIN"},
                                {"sasl.username", user},
                                {"sasl.password", password}}});
  }
  static KafkaAdmin admin() { return KafkaAdmin(cluster_->servers()); }

  static base::Result<Offset> append(EventLog& log, const TopicPartition& to) {
    std::promise<base::Result<Offset>> outcome;
    const auto appender = log.appender();
    appender->append(to, {{"key", "value", {}}},
                     [&](base::Result<Offset> last) { outcome.set_value(std::move(last)); });
    return outcome.get_future().get();
  }

  static inline std::unique_ptr<KafkaCluster> cluster_;
};

using Operation = KafkaAdmin::Operation;

TEST_F(KafkaAccess, AWrongPasswordIsSaidSoonAndIsNotRepeated) {
  const auto log = open_as("cache", "wrong-password");
  const auto started = steady_clock::now();
  const auto ensured = log->ensure_topic({.name = "events"});
  ASSERT_FALSE(ensured);
  EXPECT_LT(steady_clock::now() - started, std::chrono::seconds(8));  // not the whole time-out
  EXPECT_EQ(ensured.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(ensured.error().message,
              AllOf(HasSubstr("sasl"), HasSubstr("password"), Not(HasSubstr("wrong-password"))));
}

TEST_F(KafkaAccess, ATopicThatMayNotBeMadeIsNamedWithTheMissingRight) {
  const auto log = open_as("cache", "right-password");
  const auto ensured = log->ensure_topic({.name = "forbidden"});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(ensured.error().message,
              AllOf(HasSubstr("forbidden"), HasSubstr("kafka-acls.sh --add --allow-principal "
                                                      "User:cache")));
}

TEST_F(KafkaAccess, WithItsRightsATopicIsMadeWrittenAndRead) {
  admin().allow("cache", Operation::kAll, "granted");
  const auto log = open_as("cache", "right-password");
  const auto ensured = log->ensure_topic({.name = "granted"});
  ASSERT_TRUE(ensured) << ensured.error().message;
  ASSERT_TRUE(append(*log, {"granted", 0}));
  const auto reader = std::move(log->reader({{{"granted", 0}, 0}}).value());
  EXPECT_EQ(reader->poll(10, kLong).value().size(), 1u);
}

TEST_F(KafkaAccess, AppendsWithoutTheRightToWriteFailAndOthersGoOn) {
  for (const char* topic : {"readable", "writable"}) {
    admin().allow("cache", Operation::kDescribe, topic);
    admin().create_topic(topic, 1);
  }
  admin().allow("cache", Operation::kWrite, "writable");
  const auto log = open_as("cache", "right-password");
  ASSERT_TRUE(log->end_offset({"readable", 0}));
  ASSERT_TRUE(log->end_offset({"writable", 0}));
  const auto denied = append(*log, {"readable", 0});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(denied.error().message,
              AllOf(HasSubstr("readable"), HasSubstr("right Write"),
                    HasSubstr("TOPIC_AUTHORIZATION_FAILED"), HasSubstr("User:cache")));
  EXPECT_TRUE(test_support::eventually(kLong, [&] {
    return append(*log, {"writable", 0}).has_value();
  }));
}

// Invariant 1: a repeat of what was refused would be dropped, had something later been stored.
TEST_F(KafkaAccess, NothingIsStoredBehindARefusedRecord) {
  admin().create_topic("narrow", 1, 1, {{"max.message.bytes", "2000"}});
  const auto log =
      open({.brokers = cluster_->servers(),
            .topics = kOneCopy,
            .properties = {{"batch.num.messages", "1"}, {"compression.type", "none"}}});
  const TopicPartition at{"narrow", 0};
  ASSERT_EQ(log->end_offset(at).value(), 0);
  std::promise<bool> first;
  std::promise<bool> second;
  std::promise<void> told;
  std::promise<void> go_on;
  const auto appender = log->appender();
  // While the thread that tells outcomes is held up, only librdkafka itself can stop.
  ASSERT_TRUE(made(*log, {.name = "wide"}));
  appender->append({"wide", 0}, {{"k", "v", {}}}, [&](const base::Result<Offset>&) {
    told.set_value();
    go_on.get_future().wait();
  });
  told.get_future().wait();
  appender->append(at, {{"k", "0", {}}, {std::string(5000, 'x'), "1", {}}, {"k", "2", {}}},
                   [&](const base::Result<Offset>& last) { first.set_value(last.has_value()); });
  appender->append(at, {{"k", "3", {}}},
                   [&](const base::Result<Offset>& last) { second.set_value(last.has_value()); });
  EXPECT_FALSE(test_support::eventually(milliseconds(1'500),
                                        [&] { return log->end_offset(at).value() > 1; }));
  go_on.set_value();
  EXPECT_FALSE(first.get_future().get());
  EXPECT_FALSE(second.get_future().get());
  EXPECT_FALSE(log->writable());
  EXPECT_TRUE(test_support::eventually(kLong, [&] { return append(*log, at).has_value(); }));
  EXPECT_TRUE(test_support::eventually(kLong, [&] { return log->writable().has_value(); }));
  const auto reader = std::move(log->reader({{at, 0}}).value());
  std::vector<std::string> stored;
  while (reader->position(at) < log->end_offset(at).value()) {
    const auto polled = reader->poll(10, milliseconds(100));
    ASSERT_TRUE(polled) << polled.error().message;
    for (const RecordView& record : *polled) stored.emplace_back(*record.value);
  }
  EXPECT_THAT(stored, testing::ElementsAre("0", "value"));
}

TEST_F(KafkaAccess, ReadingWithoutTheRightToReadSaysSo) {
  admin().allow("reader", Operation::kDescribe, "secret");
  admin().create_topic("secret", 1);
  const auto log = open_as("reader", "another-password");
  const auto reader = std::move(log->reader({{{"secret", 0}, 0}}).value());
  std::optional<base::Error> said;
  EXPECT_TRUE(test_support::eventually(kLong, [&] {
    const auto polled = reader->poll(10, milliseconds(100));
    if (!polled) said = polled.error();
    return said.has_value();
  }));
  EXPECT_EQ(said->code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(said->message, AllOf(HasSubstr("secret"), HasSubstr("User:reader")));
}

TEST_F(KafkaAccess, ATopicSetOtherwiseIsRefusedWithEveryDifferenceAndItsRemedy) {
  const KafkaCluster& cluster = *cluster_;
  const auto log = open({.brokers = cluster.servers(), .topics = kOneCopy});
  admin().create_topic("otherwise", 2, 1, {{"retention.ms", "1000"}});
  const auto ensured = log->ensure_topic({.name = "otherwise", .partitions = 4});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(ensured.error().message,
              AllOf(HasSubstr("2 partitions, 4 are wanted"), HasSubstr("retention.ms is '1000'"),
                    HasSubstr("message.timestamp.type is 'CreateTime'"),
                    HasSubstr("kafka-configs.sh --bootstrap-server " + cluster.servers())));
}

TEST_F(KafkaAccess, APositionBeyondTheEndIsDataLoss) {
  const auto log = open({.brokers = cluster_->servers(), .topics = kOneCopy});
  ASSERT_TRUE(made(*log, {.name = "anew"}));
  const auto reader = std::move(log->reader({{{"anew", 0}, 100}}).value());
  std::optional<base::Error> said;
  EXPECT_TRUE(test_support::eventually(kLong, [&] {
    const auto polled = reader->poll(10, milliseconds(100));
    if (!polled) said = polled.error();
    return said.has_value();
  }));
  EXPECT_EQ(said->code, ErrorCode::kDataLoss);
  EXPECT_THAT(said->message, AllOf(HasSubstr("anew"), HasSubstr("100")));
}

TEST_F(KafkaAccess, MoreReplicasThanBrokersAreSaidSoAndMayBeWaitedFor) {
  const auto log = open({.brokers = cluster_->servers()});
  const auto ensured = log->ensure_topic({.name = "copied"});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ensured.error().message, AllOf(HasSubstr("copied"), HasSubstr("eplication factor"),
                                               HasSubstr("'kafka-replication-factor'")));
}

}  // namespace
}  // namespace armada_cache::eventlog
