#include "query/subscriptions/wake_limit.h"

#include <gtest/gtest.h>

#include <string>

namespace armada_cache::query {
namespace {

using std::chrono::seconds;

const base::Time kStart{seconds(1000)};
const base::JobSet kA{"q", "a"};
const base::JobSet kB{"q", "b"};
const base::JobSet kC{"q", "c"};

TEST(WakeLimit, AdmitsAJobSetOnceInTheInterval) {
  WakeLimit limit(seconds(2), 10);
  EXPECT_TRUE(limit.admit(kA, kStart));
  EXPECT_FALSE(limit.admit(kA, kStart + seconds(1)));
  EXPECT_TRUE(limit.admit(kB, kStart + seconds(1)));
  EXPECT_TRUE(limit.admit(kA, kStart + seconds(2)));
  EXPECT_FALSE(limit.admit(kB, kStart + seconds(2)));
}

TEST(WakeLimit, AdmitsSoManyJobSetsAndMoreWhenTheOldestAreForgotten) {
  WakeLimit limit(seconds(2), 2);
  EXPECT_TRUE(limit.admit(kA, kStart));
  EXPECT_TRUE(limit.admit(kB, kStart + seconds(1)));
  EXPECT_FALSE(limit.admit(kC, kStart + seconds(1)));
  EXPECT_TRUE(limit.admit(kC, kStart + seconds(2)));
  EXPECT_FALSE(limit.admit(kA, kStart + seconds(2)));
  EXPECT_TRUE(limit.admit(kA, kStart + seconds(3)));
}

// Each refusal looked through all that are remembered once.
TEST(WakeLimit, RefusesAtOnceWhileItIsFull) {
  constexpr int kMany = 20'000;
  WakeLimit limit(seconds(2), kMany);
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(limit.admit({"q", std::to_string(i)}, kStart));
  }
  for (int i = 0; i < kMany; ++i) {
    ASSERT_FALSE(limit.admit({"other", std::to_string(i)}, kStart + seconds(1)));
  }
  EXPECT_TRUE(limit.admit(kA, kStart + seconds(2)));
}

}  // namespace
}  // namespace armada_cache::query
