// Back-off, budget, outbox, census, wake queue: the small plain parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/backoff.h"
#include "ingest/buffer_budget.h"
#include "ingest/job_census.h"
#include "ingest/outbox.h"
#include "ingest/wake_queue.h"

namespace armada_cache::ingest {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(BackoffTest, StaysBelowACeilingThatDoublesUpToTheMaximum) {
  Backoff backoff({.base = 100ms, .max = 1s}, 1);
  Duration ceiling = 100ms;
  for (int i = 0; i < 100; ++i) {
    const Duration delay = backoff.next();
    EXPECT_GE(delay, Duration(0));
    EXPECT_LE(delay, ceiling);
    ceiling = std::min<Duration>(ceiling * 2, 1s);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), Duration(100ms));
}

TEST(BackoffTest, JitterIsFull) {
  Backoff backoff({.base = 1s, .max = 1s}, 7);
  Duration least = 1s;
  Duration most = 0s;
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = backoff.next();
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, Duration(50ms));
  EXPECT_GT(most, Duration(950ms));
}

TEST(BackoffTest, AroundIsBetweenHalfAndWhole) {
  Backoff backoff({}, 3);
  for (int i = 0; i < 100; ++i) {
    const Duration delay = backoff.around(10s);
    EXPECT_GE(delay, Duration(5s));
    EXPECT_LE(delay, Duration(10s));
  }
}

TEST(BufferBudgetTest, WakesWaitersInTheirOrderWhileThereIsRoom) {
  BufferBudget budget(100);
  budget.hold(120);
  EXPECT_TRUE(budget.is_exhausted());
  std::vector<int> woken;
  budget.wait([&] {
    woken.push_back(1);
    budget.hold(60);
  });
  budget.wait([&] { woken.push_back(2); });
  budget.release(10);
  EXPECT_THAT(woken, IsEmpty());
  budget.release(60);
  EXPECT_THAT(woken, ElementsAre(1));
  budget.release(60);
  EXPECT_THAT(woken, ElementsAre(1, 2));
  EXPECT_EQ(budget.held(), 50U);
}

TEST(BufferBudgetTest, AWaiterThatWaitsAgainIsNotWokenTwiceAtOnce) {
  BufferBudget budget(10);
  budget.hold(20);
  int woken = 0;
  std::function<void()> again = [&] {
    ++woken;
    budget.wait(again);
  };
  budget.wait(again);
  budget.release(20);
  EXPECT_EQ(woken, 1);
}

eventlog::Record record(const std::string& key) {
  return {key, "", {}};
}
const base::Error kFailure{base::ErrorCode::kUnavailable, "no"};

TEST(OutboxTest, TheCursorWaitsForAllPartsOfAGroup) {
  Outbox outbox("1:0:0:0");
  outbox.add(0, record("a"), "2:0:0:0", 10);
  outbox.add(1, record("b"), "3:0:0:0", 10);
  const auto group = outbox.take();
  ASSERT_TRUE(group);
  EXPECT_EQ(group->parts.size(), 2U);
  EXPECT_FALSE(outbox.report(group->number, {}).moved);
  EXPECT_EQ(outbox.cursor(), "1:0:0:0");
  const auto outcome = outbox.report(group->number, {});
  EXPECT_TRUE(outcome.moved);
  EXPECT_EQ(outcome.released, 20U);
  EXPECT_EQ(outbox.cursor(), "3:0:0:0");
  EXPECT_TRUE(outbox.is_settled());
}

TEST(OutboxTest, OneGroupIsUnderWayAtATime) {
  Outbox outbox("");
  outbox.add(0, record("a"), "1:0:0:0", 1);
  const auto first = outbox.take();
  outbox.add(0, record("b"), "2:0:0:0", 1);
  EXPECT_FALSE(outbox.take());
  EXPECT_EQ(outbox.held(), 2U);
  outbox.report(first->number, {});
  EXPECT_TRUE(outbox.take());
}

TEST(OutboxTest, AFailedPartDropsAllThatWasReadSince) {
  Outbox outbox("1:0:0:0");
  outbox.add(0, record("a"), "2:0:0:0", 10);
  outbox.add(1, record("b"), "3:0:0:0", 10);
  const auto group = outbox.take();
  outbox.add(0, record("c"), "4:0:0:0", 5);
  outbox.report(group->number, tl::unexpected(kFailure));
  EXPECT_EQ(outbox.last_read(), "4:0:0:0");
  const auto outcome = outbox.report(group->number, {});
  EXPECT_EQ(outcome.error, kFailure);
  EXPECT_EQ(outcome.released, 25U);
  EXPECT_EQ(outbox.cursor(), "1:0:0:0");
  EXPECT_EQ(outbox.last_read(), "1:0:0:0");
  EXPECT_TRUE(outbox.is_settled());
}

TEST(OutboxTest, MessagesWithoutAnIdLeaveTheCursor) {
  Outbox outbox("1:0:0:0");
  outbox.add(0, record(""), "", 10);
  const auto group = outbox.take();
  EXPECT_TRUE(outbox.report(group->number, {}).moved);
  EXPECT_EQ(outbox.cursor(), "1:0:0:0");
}

TEST(OutboxTest, ARestartAbandonsWhatIsUnderWay) {
  Outbox outbox("1:0:0:0");
  outbox.add(0, record("a"), "2:0:0:0", 10);
  const auto group = outbox.take();
  outbox.add(0, record("b"), "3:0:0:0", 10);
  EXPECT_EQ(outbox.restart(""), 10U);
  EXPECT_EQ(outbox.last_read(), "");
  EXPECT_FALSE(outbox.is_settled());
  const auto outcome = outbox.report(group->number, tl::unexpected(kFailure));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.released, 10U);
  EXPECT_TRUE(outcome.moved);
  EXPECT_EQ(outbox.cursor(), "");
}

Envelope event(std::string_view kind, std::string_view job, bool retryable = false) {
  Envelope envelope;
  envelope.kind = kind;
  envelope.job_id = job;
  envelope.retryable = retryable;
  return envelope;
}

TEST(JobCensusTest, KnowsWhenAllJobsAreFinished) {
  JobCensus census(10);
  census.restart(true);
  EXPECT_EQ(census.left(), JobsLeft::kNone);
  for (const auto* job : {"a", "b", "c"}) census.see(event("submitted", job));
  census.see(event("succeeded", "a"));
  census.see(event("cancelled", "b"));
  EXPECT_EQ(census.left(), JobsLeft::kSome);
  census.see(event("failed", "c", true));
  EXPECT_EQ(census.left(), JobsLeft::kSome);
  census.see(event("failed", "c"));
  EXPECT_EQ(census.left(), JobsLeft::kNone);
}

TEST(JobCensusTest, LateAndForeignEventsCountForNothing) {
  JobCensus census(10);
  census.restart(true);
  census.see(event("running", "late"));
  census.see(event("cancelling", "foreign"));
  EXPECT_EQ(census.left(), JobsLeft::kNone);
}

TEST(JobCensusTest, SaysSoWhenItCannotKnow) {
  JobCensus census(2);
  EXPECT_EQ(census.left(), JobsLeft::kUnknown);
  census.restart(false);
  EXPECT_EQ(census.left(), JobsLeft::kUnknown);
  census.restart(true);
  for (const auto* job : {"a", "b", "c"}) census.see(event("submitted", job));
  EXPECT_EQ(census.left(), JobsLeft::kUnknown);
}

TEST(WakeQueueTest, PopsInTheOrderOfTimeWhatIsDue) {
  WakeQueue<int> queue;
  const base::Time start;
  queue.set(1, start + 3s);
  queue.set(2, start + 1s);
  queue.set(3, start + 2s);
  queue.set(1, start + 1500ms);
  queue.set(3, std::nullopt);
  EXPECT_EQ(queue.next(), start + 1s);
  EXPECT_EQ(queue.pop_due(start), std::nullopt);
  EXPECT_EQ(queue.pop_due(start + 5s), 2);
  EXPECT_EQ(queue.pop_due(start + 5s), 1);
  EXPECT_EQ(queue.pop_due(start + 5s), std::nullopt);
}

}  // namespace
}  // namespace armada_cache::ingest
