#include "app/starting.h"

#include <gmock/gmock.h>

namespace armada_cache::app {
namespace {

base::Status away() {
  return base::fail(base::ErrorCode::kUnavailable, "nobody is there");
}

TEST(Starting, TriesAgainWhileOthersAreAwayAndSaysSo) {
  Starting starting([] { return false; });
  int tries = 0;
  EXPECT_TRUE(starting.retry([&] { return ++tries < 3 ? away() : base::Status(); }));
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(starting.why(), "nobody is there");
}

TEST(Starting, WhatWillNotMendByItselfEndsIt) {
  Starting starting([] { return false; });
  const auto refused = starting.retry(
      [] { return base::Status(base::fail(base::ErrorCode::kUnauthenticated, "wrong password")); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "wrong password");
}

TEST(Starting, CanBeGivenUpWhileItWaits) {
  int asked = 0;
  Starting starting([&] { return ++asked > 5; });
  const auto given_up = starting.retry(away);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, base::ErrorCode::kCancelled);
}

}  // namespace
}  // namespace armada_cache::app
