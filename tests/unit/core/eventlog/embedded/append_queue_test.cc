#include "core/eventlog/embedded/append_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::steady_clock;

const auto kAtOnce = steady_clock::time_point::min();

class AppendQueueTest : public testing::Test {
 protected:
  base::Status push(std::size_t bytes) {
    PendingAppend append;
    append.topic = &topic_;
    append.batch.push_back({"", std::string(bytes - sizeof(Record), 'x'), {}});
    return queue_.push(append);
  }

  Topic topic_{TopicSpec{.name = "topic"}};
  AppendQueue queue_{1000};
};

TEST_F(AppendQueueTest, GivesInOrderUpToTheAskedBytes) {
  for (const std::size_t bytes : {300u, 301u, 302u}) ASSERT_TRUE(push(bytes));
  const auto first = queue_.take(650, kAtOnce);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].bytes, 300u);
  EXPECT_EQ(first[1].bytes, 301u);
  EXPECT_EQ(queue_.take(1, kAtOnce).size(), 1u) << "one always, however large";
  EXPECT_TRUE(queue_.take(1000, kAtOnce).empty());
}

TEST_F(AppendQueueTest, RefusesWhatDoesNotFitAndHoldsNothingOfIt) {
  ASSERT_TRUE(push(800));
  const auto refused = push(300);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kResourceExhausted);
  EXPECT_TRUE(push(200));
  EXPECT_EQ(queue_.take(10'000, kAtOnce).size(), 2u);
}

TEST_F(AppendQueueTest, WhatIsTakenCountsUntilReleased) {
  ASSERT_TRUE(push(900));
  const auto taken = queue_.take(10'000, kAtOnce);
  EXPECT_FALSE(push(900));
  queue_.release(taken[0].bytes);
  EXPECT_TRUE(push(900));
}

TEST_F(AppendQueueTest, ClosingWakesTheTakerAndLeavesWhatWaits) {
  std::jthread closing([&] { queue_.close(); });
  EXPECT_TRUE(queue_.take(1, steady_clock::now() + std::chrono::seconds(30)).empty());
  EXPECT_TRUE(queue_.closed());
  EXPECT_TRUE(push(100));
  EXPECT_EQ(queue_.take(1, kAtOnce).size(), 1u);
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
