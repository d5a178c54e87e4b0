// What users may do and not, and topics that are set otherwise.
#include <gmock/gmock.h>

#include <future>

#include "core/eventlog/kafka/kafka_log.h"
#include "tests/support/eventually.h"
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

// A broker may be slow to answer at first.
bool made(EventLog& log, const TopicSpec& spec) {
  return test_support::eventually(kLong, [&] { return log.ensure_topic(spec).has_value(); });
}

// One cluster with users for the cases below, each with topics and users of its own.
class KafkaAccess : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = std::make_unique<KafkaCluster>(test_support::KafkaClusterOptions{.users = kUsers});
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  static std::unique_ptr<EventLog> open_as(const std::string& user, const std::string& password,
                                           milliseconds answer_timeout = std::chrono::seconds(10)) {
    return open_log({.brokers = cluster_->sasl_servers(),
                     .topics = kOneCopy,
                     .properties = {{"security.protocol", "sasl_plaintext"},
                                    {"sasl.mechanism", "PLAIN"},
                                    {"sasl.username", user},
                                    {"sasl.password", password}},
                     .answer_timeout = answer_timeout});
  }
  static void restart_for(const std::map<std::string, std::string>& users) {
    cluster_->kill(0);
    cluster_->set_users(users);
    cluster_->start(0);
    cluster_->wait_until_ready();
  }
  static KafkaAdmin admin() { return KafkaAdmin(cluster_->servers()); }

  static base::Result<Offset> append(EventLog& log, const TopicPartition& to) {
    std::promise<base::Result<Offset>> outcome;
    const auto appender = log.appender();
    appender->append(to, {{"key", "value", {}}},
                     [&](base::Result<Offset> last) { outcome.set_value(std::move(last)); });
    return outcome.get_future().get();
  }

  static inline const std::map<std::string, std::string> kUsers{{"cache", "right-password"},
                                                                {"reader", "another-password"}};
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

TEST_F(KafkaAccess, ALoginThatIsAcceptedAgainIsNoReasonWhyTheEndIsNotKnownLater) {
  admin().allow("cache", Operation::kDescribe, "ended");
  admin().create_topic("ended", 1);
  const auto log = open_as("cache", "right-password", std::chrono::seconds(3));
  const auto refusal = [&]() -> std::optional<ErrorCode> {
    const auto offset = log->end_offset({"ended", 0});
    if (offset) return std::nullopt;
    return offset.error().code;
  };
  const auto becomes = [&](std::optional<ErrorCode> wanted) {
    return test_support::eventually(kLong, [&] { return refusal() == wanted; });
  };
  ASSERT_TRUE(becomes(std::nullopt));
  restart_for({{"cache", "changed-password"}});
  ASSERT_TRUE(becomes(ErrorCode::kUnauthenticated));
  restart_for(kUsers);
  ASSERT_TRUE(becomes(std::nullopt));
  cluster_->kill(0);
  EXPECT_EQ(refusal(), ErrorCode::kUnavailable);
  cluster_->start(0);
  cluster_->wait_until_ready();
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
      open_log({.brokers = cluster_->servers(),
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
  const auto log = open_log({.brokers = cluster.servers(), .topics = kOneCopy});
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
  const auto log = open_log({.brokers = cluster_->servers(), .topics = kOneCopy});
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
  const auto log = open_log(kafka::KafkaLogOptions{.brokers = cluster_->servers()});
  const auto ensured = log->ensure_topic({.name = "copied"});
  ASSERT_FALSE(ensured);
  EXPECT_EQ(ensured.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ensured.error().message, AllOf(HasSubstr("copied"), HasSubstr("eplication factor"),
                                             HasSubstr("'kafka-replication-factor'")));
}

}  // namespace
}  // namespace armada_cache::eventlog
