#include "core/eventlog/embedded/append_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::steady_clock;

const auto kAtOnce = steady_clock::time_point::min();

class AppendQueueTest : public testing::Test {
 protected:
  PendingAppend of_size(std::size_t bytes) {
    PendingAppend append;
    append.topic = &topic_;
    append.batch.push_back({"", std::string(bytes - sizeof(Record), 'x'), {}});
    return append;
  }

  Topic topic_{TopicSpec{.name = "topic"}};
  AppendQueue queue_{1000};
};

TEST_F(AppendQueueTest, GivesInOrderUpToTheAskedBytes) {
  for (const std::size_t bytes : {300u, 301u, 302u}) queue_.push(of_size(bytes));
  const auto first = queue_.take(650, kAtOnce);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].bytes, 300u);
  EXPECT_EQ(first[1].bytes, 301u);
  EXPECT_EQ(queue_.take(1, kAtOnce).size(), 1u) << "one always, however large";
  EXPECT_TRUE(queue_.take(1000, kAtOnce).empty());
}

TEST_F(AppendQueueTest, RefusesWhatDoesNotFitAndKeepsItInLine) {
  queue_.push(of_size(800));
  queue_.push(of_size(300));
  queue_.push(of_size(200));
  const auto taken = queue_.take(10'000, kAtOnce);
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_FALSE(taken[0].refused);
  ASSERT_TRUE(taken[1].refused);
  EXPECT_EQ(taken[1].refused->code, base::ErrorCode::kResourceExhausted);
  EXPECT_TRUE(taken[1].batch.empty()) << "a refused append holds no memory";
  EXPECT_FALSE(taken[2].refused);
}

TEST_F(AppendQueueTest, WhatIsTakenCountsUntilReleased) {
  queue_.push(of_size(900));
  const auto taken = queue_.take(10'000, kAtOnce);
  queue_.push(of_size(900));
  EXPECT_TRUE(queue_.take(10'000, kAtOnce)[0].refused);
  queue_.release(taken[0].bytes);
  queue_.push(of_size(900));
  EXPECT_FALSE(queue_.take(10'000, kAtOnce)[0].refused);
}

TEST_F(AppendQueueTest, ClosingWakesTheTakerAndLeavesWhatWaits) {
  std::jthread closing([&] { queue_.close(); });
  EXPECT_TRUE(queue_.take(1, steady_clock::now() + std::chrono::seconds(30)).empty());
  EXPECT_TRUE(queue_.closed());
  queue_.push(of_size(100));
  EXPECT_EQ(queue_.take(1, kAtOnce).size(), 1u);
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
