#include "ingest/turn_queue.h"

#include <gtest/gtest.h>

namespace armada_cache::ingest {
namespace {

using base::JobSet;
using std::chrono::seconds;

const JobSet kA{"q", "a"};
const JobSet kB{"q", "b"};
const JobSet kC{"q", "c"};

base::Time at(int second) {
  return base::Time(seconds(second));
}

TEST(TurnQueueTest, WhoCameFirstIsFirstAndComingAgainChangesNothing) {
  TurnQueue queue;
  queue.wait(kB);
  queue.wait(kA);
  queue.wait(kB);
  EXPECT_EQ(queue.waiting(), 2U);
  EXPECT_EQ(queue.next(at(0)), kB);
  EXPECT_TRUE(queue.erase(kB));
  EXPECT_FALSE(queue.erase(kB));
  EXPECT_EQ(queue.next(at(0)), kA);
}

TEST(TurnQueueTest, WhatRestsComesOnceItIsDueAndAfterWhatWaits) {
  TurnQueue queue;
  queue.rest(kA, at(9));
  queue.rest(kB, at(5));
  EXPECT_FALSE(queue.next(at(4)));
  EXPECT_EQ(queue.next(at(9)), kB);
  queue.wait(kC);
  EXPECT_EQ(queue.next(at(9)), kC);
  EXPECT_EQ(queue.ready(at(5), 9), 2U);
  EXPECT_EQ(queue.ready(at(9), 9), 3U);
  EXPECT_EQ(queue.ready(at(9), 2), 2U);
  EXPECT_EQ(queue.first_due(), at(5));
  EXPECT_EQ(queue.due_after(at(5)), at(9));
  EXPECT_FALSE(queue.due_after(at(9)));
  EXPECT_EQ(queue.due_by(at(5)), kB);
  EXPECT_FALSE(queue.due_by(at(4)));
}

TEST(TurnQueueTest, WhatRestsCanBeHurriedOnlyForward) {
  TurnQueue queue;
  queue.rest(kA, at(9));
  queue.hurry(kA, at(3));
  queue.hurry(kA, at(7));
  queue.hurry(kB, at(1));
  EXPECT_EQ(queue.first_due(), at(3));
  EXPECT_FALSE(queue.contains(kB));
  queue.wait(kA);
  queue.hurry(kA, at(1));
  EXPECT_TRUE(queue.is_waiting(kA));
  EXPECT_FALSE(queue.first_due());
}

}  // namespace
}  // namespace armada_cache::ingest
