#include "core/eventlog/kafka/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::eventlog::kafka {
namespace {

using testing::HasSubstr;

TEST(KafkaErrors, TooFewBrokersForTheCopiesAreWaitedForAndSaid) {
  const auto too_few = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
  const auto error = to_error(too_few, "cannot create topic t", "all brokers are fenced", "");
  EXPECT_EQ(error.code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(error.message,
              testing::AllOf(HasSubstr("cannot create topic t: all brokers are fenced"),
                             HasSubstr("'kafka-replication-factor'"), HasSubstr("tried again")));
  EXPECT_FALSE(is_passing(too_few));
}

TEST(KafkaErrors, WhatTheNextMomentMayMendIsAskedAgain) {
  EXPECT_TRUE(is_passing(RD_KAFKA_RESP_ERR__TRANSPORT));
  EXPECT_FALSE(is_passing(RD_KAFKA_RESP_ERR_NO_ERROR));
  EXPECT_FALSE(is_passing(RD_KAFKA_RESP_ERR_INVALID_CONFIG));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
