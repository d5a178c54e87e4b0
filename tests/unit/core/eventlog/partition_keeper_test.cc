#include "core/eventlog/partition_keeper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "tests/support/eventually.h"

namespace armada_cache::eventlog {
namespace {

using test_support::eventually;
using Partitions = std::set<Partition>;

constexpr std::chrono::seconds kDeadline(30);

class PartitionKeeperTest : public testing::Test {
 protected:
  base::Status take(const Partitions& partitions, const std::function<bool()>& give_up) {
    if (blocks_) {
      ++blocked_;
      EXPECT_TRUE(eventually(kDeadline, give_up));
      return base::fail(base::ErrorCode::kCancelled, "given up");
    }
    if (failures_ > 0) {
      --failures_;
      return base::fail(base::ErrorCode::kUnavailable, "not now");
    }
    const std::lock_guard lock(mutex_);
    held_.insert(partitions.begin(), partitions.end());
    return {};
  }
  void release(const Partitions& partitions, bool lost) {
    const std::lock_guard lock(mutex_);
    for (const Partition each : partitions) held_.erase(each);
    if (lost) lost_.insert(partitions.begin(), partitions.end());
  }
  bool comes_to_hold(const Partitions& partitions) {
    return eventually(kDeadline, [&] {
      const std::lock_guard lock(mutex_);
      return held_ == partitions;
    });
  }

  std::atomic<bool> blocks_ = false;
  std::atomic<int> blocked_ = 0;
  std::atomic<int> failures_ = 0;
  std::mutex mutex_;
  Partitions held_;
  Partitions lost_;
  PartitionKeeper keeper_{
      "test",
      {.patience = std::chrono::milliseconds(50), .retry_pause = std::chrono::milliseconds(5)},
      {[this](const auto& partitions, std::int64_t, const auto& give_up) {
         return take(partitions, give_up);
       },
       [this](const auto& partitions, bool lost) { release(partitions, lost); }}};
};

TEST_F(PartitionKeeperTest, FollowsWhatIsAssigned) {
  keeper_.assigned({0, 1, 2}, 1);
  EXPECT_TRUE(comes_to_hold({0, 1, 2}));
  keeper_.revoked();
  keeper_.assigned({2, 3}, 2);
  EXPECT_TRUE(comes_to_hold({2, 3}));
  keeper_.lost();
  EXPECT_TRUE(comes_to_hold({}));
}

TEST_F(PartitionKeeperTest, ATakeThatIsNotWantedAnyMoreGivesUp) {
  blocks_ = true;
  keeper_.assigned({0, 1}, 1);
  EXPECT_TRUE(eventually(kDeadline, [&] { return blocked_ > 0; }));
  keeper_.assigned({1}, 2);
  blocks_ = false;
  EXPECT_TRUE(comes_to_hold({1}));
}

TEST_F(PartitionKeeperTest, WhatFailsIsTriedAgain) {
  failures_ = 3;
  keeper_.assigned({0}, 1);
  EXPECT_TRUE(comes_to_hold({0}));
}

TEST_F(PartitionKeeperTest, ReleasesByItsOwnClockWhatNobodyConfirms) {
  keeper_.assigned({0}, 1);
  EXPECT_TRUE(comes_to_hold({0}));
  keeper_.revoked();
  EXPECT_TRUE(comes_to_hold({}));
}

TEST_F(PartitionKeeperTest, StoppingInterruptsATakeAndReleasesNothing) {
  keeper_.assigned({0}, 1);
  EXPECT_TRUE(comes_to_hold({0}));
  blocks_ = true;
  keeper_.assigned({0, 1}, 2);
  EXPECT_TRUE(eventually(kDeadline, [&] { return blocked_ > 0; }));
  keeper_.stop();
  keeper_.lost();
  EXPECT_EQ(held_, Partitions{0});
}

TEST_F(PartitionKeeperTest, WhoReleasesIsToldWhetherOthersMayHaveItAlready) {
  keeper_.assigned({0, 1}, 1);
  ASSERT_TRUE(comes_to_hold({0, 1}));
  keeper_.assigned({1}, 2);
  ASSERT_TRUE(comes_to_hold({1}));
  keeper_.lost();
  ASSERT_TRUE(comes_to_hold({}));
  keeper_.stop();
  EXPECT_EQ(lost_, Partitions{1});
}

}  // namespace
}  // namespace armada_cache::eventlog
