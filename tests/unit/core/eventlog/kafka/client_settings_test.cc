#include "core/eventlog/kafka/client_settings.h"

#include <gmock/gmock.h>

namespace armada_cache::eventlog::kafka {
namespace {

using base::ErrorCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kDebian12 = 0x020002ff;
constexpr int kScramMended = 0x020601ff;

TEST(KafkaClientSettings, ScramIsRefusedWhereTheLibraryCannotDoIt) {
  for (const char* name : {"sasl.mechanism", "sasl.mechanisms"}) {
    const Properties scram{{name, "SCRAM-SHA-512"}, {"sasl.password", "s3cret"}};
    const auto checked = check_properties(scram, kDebian12);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(checked.error().message,
                AllOf(HasSubstr("SCRAM-SHA-512"), HasSubstr("2.0.2"), HasSubstr("2.6.1"),
                      HasSubstr("PLAIN over TLS"), Not(HasSubstr("s3cret"))));
    EXPECT_TRUE(check_properties(scram, kScramMended));
  }
  EXPECT_TRUE(check_properties({{"sasl.mechanism", "PLAIN"}}, kDebian12));
}

TEST(KafkaClientSettings, WhatOrderAndDurabilityRestOnCannotBeSet) {
  for (const char* name : {"acks", "enable.idempotence", "message.timeout.ms", "group.id",
                           "delivery.report.only.error", "message.max.bytes",
                           "queue.buffering.max.messages", "queue.buffering.max.kbytes"}) {
    const auto checked = check_properties({{name, "1"}}, kDebian12);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(checked.error().message, HasSubstr(name));
  }
}

TEST(KafkaClientSettings, GivenPropertiesReplaceChosenOnes) {
  const KafkaLogOptions options{
      .brokers = "a:1,b:2",
      .properties = {{"linger.ms", "7"}, {"security.protocol", "ssl"}, {"fetch.wait.max.ms", "9"}}};
  const Properties producer = producer_properties(options);
  EXPECT_EQ(producer.at("linger.ms"), "7");
  EXPECT_EQ(producer.at("security.protocol"), "ssl");
  EXPECT_EQ(producer.at("bootstrap.servers"), "a:1,b:2");
  EXPECT_EQ(reader_properties(options).at("fetch.wait.max.ms"), "9");
  EXPECT_EQ(control_properties(options).at("security.protocol"), "ssl");
}

TEST(KafkaClientSettings, AWrongPropertyIsNamedWhenTheLogIsOpened) {
  const auto unknown = open_kafka_log({.brokers = "a:1", .properties = {{"linger.mss", "1"}}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(unknown.error().message, HasSubstr("linger.mss"));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
