#include "ingest/relay_machine.h"

#include <gtest/gtest.h>

namespace armada_cache::ingest {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

constexpr bool kFromStart = true;
constexpr bool kSettled = true;

class RelayMachineTest : public testing::Test {
 protected:
  RelayActions end(base::Status status = {}, bool settled = kSettled) {
    return machine_.on_stream_end(now_, status, !kFromStart, settled);
  }
  RelayActions break_off() { return end(base::fail(ErrorCode::kUnavailable, "lost")); }
  RelayActions missing() {
    return end(base::fail(ErrorCode::kNotFound,
                          "[GetJobSetEvents] Jobset x for queue q does not"
                          " exist"));
  }
  RelayActions time(JobsLeft jobs = JobsLeft::kSome, bool paused = false) {
    machine_.on_reading(now_, paused);
    return machine_.on_time(now_, jobs);
  }
  void follow() {
    machine_.start(now_);
    end();
    ASSERT_EQ(machine_.state(), RelayState::kFollowing);
  }
  void park() {
    follow();
    now_ += times_.park_after;
    time(JobsLeft::kNone);
    ASSERT_EQ(machine_.state(), RelayState::kParked);
  }

  RelayTimes times_;
  base::Time now_{1'000'000h};
  RelayMachine machine_{times_, 1, base::Time(5h)};
};

TEST_F(RelayMachineTest, CatchesUpAndThenFollows) {
  const auto start = machine_.start(now_);
  ASSERT_TRUE(start.open);
  EXPECT_FALSE(start.open->watch);
  EXPECT_TRUE(start.open->error_if_missing);
  EXPECT_TRUE(start.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_EQ(machine_.connected_at(), base::Time(5h));

  const auto asked_at = now_;
  now_ += 3s;
  const auto caught_up = end();
  ASSERT_TRUE(caught_up.open);
  EXPECT_TRUE(caught_up.open->watch);
  EXPECT_FALSE(caught_up.open->error_if_missing);
  EXPECT_TRUE(caught_up.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
  EXPECT_EQ(machine_.connected_at(), asked_at);
}

TEST_F(RelayMachineTest, CatchUpCountsOnlyWhenTheLogHasAcknowledgedIt) {
  machine_.start(now_);
  EXPECT_FALSE(end({}, !kSettled).open);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_FALSE(machine_.on_acknowledged(now_, !kSettled).open);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_TRUE(machine_.on_acknowledged(now_, kSettled).open);
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
}

TEST_F(RelayMachineTest, AMissingJobSetIsWaitedForAndFollowedWithItsFirstEvent) {
  machine_.start(now_);
  const auto actions = missing();
  EXPECT_EQ(machine_.state(), RelayState::kGone);
  ASSERT_TRUE(actions.open);
  EXPECT_TRUE(actions.open->watch);
  EXPECT_FALSE(actions.open->error_if_missing);
  EXPECT_FALSE(machine_.wake_at(JobsLeft::kNone));
  now_ += 1h;
  EXPECT_TRUE(machine_.on_messages(now_).write_status);
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
  EXPECT_EQ(machine_.connected_at(), now_);
}

TEST_F(RelayMachineTest, ABrokenStreamIsTriedAgainAfterABackoff) {
  follow();
  const auto alive = now_ + 40s;
  now_ += 1min;
  machine_.on_alive(alive);
  const auto actions = break_off();
  EXPECT_EQ(machine_.state(), RelayState::kRetrying);
  EXPECT_FALSE(actions.open);
  // The connection may have been dead since.
  EXPECT_EQ(machine_.connected_at(), alive);
  const auto due = machine_.wake_at(JobsLeft::kSome);
  ASSERT_TRUE(due);
  EXPECT_LE(*due, now_ + times_.backoff.base);
  now_ = *due;
  const auto again = time();
  ASSERT_TRUE(again.open);
  EXPECT_FALSE(again.open->watch);
  EXPECT_FALSE(again.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kRetrying) << "until the new try brings something";
  machine_.on_messages(now_);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
}

TEST_F(RelayMachineTest, ASignOfLifeFromBeforeTheStreamBeganSaysNothingOfIt) {
  machine_.start(now_);
  const auto asked_at = now_;
  now_ += 3s;
  machine_.on_alive(now_);
  machine_.on_messages(now_);
  now_ += 3s;
  end();
  machine_.on_alive(now_ - 1us);
  now_ += 3s;
  break_off();
  EXPECT_EQ(machine_.connected_at(), asked_at);
}

TEST_F(RelayMachineTest, WhatCameWasWholeUntilItCame) {
  follow();
  now_ += 3s;
  const auto heard = now_;
  machine_.on_messages(now_);
  now_ += 3s;
  break_off();
  EXPECT_EQ(machine_.connected_at(), heard);
}

TEST_F(RelayMachineTest, FailuresInARowWaitLongerAndProgressForgetsThem) {
  machine_.start(now_);
  base::Duration longest{0};
  for (int i = 0; i < 200; ++i) {
    break_off();
    longest = std::max(longest, *machine_.wake_at(JobsLeft::kSome) - now_);
    now_ = *machine_.wake_at(JobsLeft::kSome);
    time();
  }
  EXPECT_GT(longest, times_.backoff.base * 8);
  EXPECT_LE(longest, times_.backoff.max);
  machine_.on_acknowledged(now_, kSettled);
  break_off();
  EXPECT_LE(*machine_.wake_at(JobsLeft::kSome) - now_, times_.backoff.base);
}

TEST_F(RelayMachineTest, RefusalsAreTriedSeldom) {
  machine_.start(now_);
  end(base::fail(ErrorCode::kPermissionDenied, "no"));
  EXPECT_EQ(machine_.state(), RelayState::kRefused);
  EXPECT_GE(*machine_.wake_at(JobsLeft::kSome), now_ + times_.refused_retry / 2);
  EXPECT_FALSE(machine_.on_renewal(now_).open);
}

TEST_F(RelayMachineTest, AMissingQueueIsGoneAndAskedForAgainSoon) {
  machine_.start(now_);
  end(base::fail(ErrorCode::kNotFound, "[GetJobSetEvents] Queue nosuch does not exist"));
  EXPECT_EQ(machine_.state(), RelayState::kGone);
  EXPECT_EQ(machine_.connected_at(), now_) << "so far nothing can be missing";
  ASSERT_TRUE(machine_.wake_at(JobsLeft::kSome));
  EXPECT_LE(*machine_.wake_at(JobsLeft::kSome), now_ + times_.missing_queue_retry * 3 / 2);
  EXPECT_TRUE(machine_.on_renewal(now_).open) << "who asks is told at once";
}

TEST_F(RelayMachineTest, ARenewalDuringALookMakesItFollow) {
  park();
  now_ += times_.parked_look * 2;
  machine_.on_time(now_, JobsLeft::kNone);
  EXPECT_EQ(machine_.state(), RelayState::kParked);
  machine_.on_renewal(now_);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  end({});
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
}

TEST_F(RelayMachineTest, AnAppendErrorThrowsTheStreamAwayAndTriesAgain) {
  follow();
  const auto actions = machine_.on_append_error(now_, {ErrorCode::kResourceExhausted, "full"});
  EXPECT_TRUE(actions.close_stream);
  EXPECT_EQ(machine_.state(), RelayState::kRetrying);
  EXPECT_EQ(machine_.last_error(), "the log: resource_exhausted: full");
  EXPECT_FALSE(end().open) << "that stream is no longer ours";
}

TEST_F(RelayMachineTest, AnAppendErrorAfterTheCatchUpEndedStartsItAgain) {
  machine_.start(now_);
  end({}, !kSettled);
  machine_.on_append_error(now_, {ErrorCode::kUnavailable, "x"});
  EXPECT_EQ(machine_.state(), RelayState::kRetrying);
  EXPECT_FALSE(machine_.on_acknowledged(now_, kSettled).open);
}

TEST_F(RelayMachineTest, ACatchUpThatSaysNothingIsGivenUpUnlessWeDoNotRead) {
  machine_.start(now_);
  now_ += times_.catch_up_stall;
  EXPECT_FALSE(time(JobsLeft::kSome, true).close_stream);
  now_ += times_.catch_up_stall;
  EXPECT_FALSE(time().close_stream) << "silence counts from where it is read again";
  now_ += times_.catch_up_stall;
  EXPECT_TRUE(time().close_stream);
  EXPECT_EQ(machine_.state(), RelayState::kRetrying);
}

TEST_F(RelayMachineTest, AStreamThatIsHeldBackForLongCatchesUpAgain) {
  follow();
  now_ += 1min;
  const auto held_back = now_;
  machine_.on_reading(now_, true);
  EXPECT_EQ(machine_.wake_at(JobsLeft::kSome), now_ + times_.held_back_after);
  now_ += times_.held_back_after - 1ms;
  EXPECT_FALSE(time(JobsLeft::kSome, true).open);
  now_ += 1ms;
  machine_.on_alive(now_);
  const auto behind = time(JobsLeft::kSome, true);
  ASSERT_TRUE(behind.open);
  EXPECT_FALSE(behind.open->watch);
  EXPECT_TRUE(behind.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_EQ(machine_.connected_at(), held_back) << "until then it had everything";
  EXPECT_FALSE(end({}, !kSettled).open);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_TRUE(machine_.on_acknowledged(now_, kSettled).open->watch);
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
}

TEST_F(RelayMachineTest, AMomentWithoutRoomIsNotBehind) {
  follow();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(time(JobsLeft::kSome, true).open);
    now_ += times_.held_back_after / 2;
    EXPECT_FALSE(time(JobsLeft::kSome, false).open);
    now_ += times_.held_back_gap;
  }
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
}

TEST_F(RelayMachineTest, PausesThatFollowEachOtherAtOnceCountAsOne) {
  follow();
  for (int i = 0; i < 100 && machine_.state() == RelayState::kFollowing; ++i) {
    time(JobsLeft::kSome, true);
    now_ += times_.held_back_after / 10;
    time(JobsLeft::kSome, false);
    now_ += times_.held_back_gap / 10;
  }
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
}

TEST_F(RelayMachineTest, AStreamThatBeginsIsNotHeldBackYet) {
  machine_.start(now_);
  machine_.on_reading(now_, true);
  now_ += 1min;
  end();
  ASSERT_EQ(machine_.state(), RelayState::kFollowing);
  EXPECT_FALSE(time(JobsLeft::kSome, true).open);
  now_ += times_.held_back_after;
  EXPECT_TRUE(time(JobsLeft::kSome, true).open);
}

TEST_F(RelayMachineTest, SilenceParksWhenAllJobsAreFinished) {
  follow();
  now_ += times_.park_after;
  EXPECT_FALSE(time(JobsLeft::kSome).close_stream);
  EXPECT_FALSE(time(JobsLeft::kUnknown).close_stream);
  const auto actions = time(JobsLeft::kNone);
  EXPECT_TRUE(actions.close_stream);
  EXPECT_TRUE(actions.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kParked);
}

TEST_F(RelayMachineTest, LongerSilenceParksWhenNobodyKnows) {
  follow();
  now_ += times_.park_unsure_after;
  EXPECT_FALSE(time(JobsLeft::kSome).close_stream);
  EXPECT_TRUE(time(JobsLeft::kUnknown).close_stream);
}

TEST_F(RelayMachineTest, MessagesPutParkingOff) {
  follow();
  now_ += times_.park_after - 1s;
  machine_.on_messages(now_);
  now_ += 1s;
  EXPECT_FALSE(time(JobsLeft::kNone).close_stream);
}

TEST_F(RelayMachineTest, AParkedJobSetIsLookedAtAndStaysParkedWhenNothingIsNew) {
  park();
  now_ = *machine_.wake_at(JobsLeft::kNone);
  const auto look_at = now_;
  const auto look = time();
  ASSERT_TRUE(look.open);
  EXPECT_FALSE(look.open->watch);
  EXPECT_EQ(machine_.state(), RelayState::kParked);
  now_ += 1s;
  EXPECT_TRUE(end().write_status);
  EXPECT_EQ(machine_.state(), RelayState::kParked);
  EXPECT_EQ(machine_.connected_at(), look_at);
}

TEST_F(RelayMachineTest, AParkedJobSetThatHasNewsIsFollowedAgain) {
  park();
  now_ = *machine_.wake_at(JobsLeft::kNone);
  time();
  EXPECT_TRUE(machine_.on_messages(now_).write_status);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  end();
  EXPECT_EQ(machine_.state(), RelayState::kFollowing);
}

TEST_F(RelayMachineTest, ARenewalOpensAParkedJobSet) {
  park();
  const auto actions = machine_.on_renewal(now_);
  ASSERT_TRUE(actions.open);
  EXPECT_EQ(machine_.state(), RelayState::kCatchingUp);
  EXPECT_FALSE(machine_.on_renewal(now_).open) << "it is open already";
}

TEST_F(RelayMachineTest, StopsOnceEverythingIsAcknowledged) {
  follow();
  const auto stop = machine_.stop(now_, !kSettled);
  EXPECT_TRUE(stop.close_stream);
  EXPECT_FALSE(stop.stopped);
  const auto settled = machine_.on_acknowledged(now_, kSettled);
  EXPECT_TRUE(settled.stopped);
  EXPECT_TRUE(settled.write_status);
  EXPECT_EQ(machine_.state(), RelayState::kStopped);
}

TEST_F(RelayMachineTest, StopsAlsoWhenTheLogFails) {
  follow();
  machine_.stop(now_, !kSettled);
  EXPECT_TRUE(machine_.on_append_error(now_, {ErrorCode::kUnavailable, "x"}).stopped);
}

TEST_F(RelayMachineTest, CanBeTakenBackWhileItStops) {
  follow();
  machine_.stop(now_, !kSettled);
  EXPECT_TRUE(machine_.start(now_).open);
  EXPECT_FALSE(machine_.on_acknowledged(now_, kSettled).stopped);
}

TEST_F(RelayMachineTest, ReleasedItClaimsNothingThatNeedsAStream) {
  follow();
  EXPECT_TRUE(machine_.release(now_, kSettled).stopped);
  EXPECT_EQ(machine_.state(), RelayState::kRetrying);
}

TEST_F(RelayMachineTest, ReleasedItKeepsWhatStaysTrue) {
  park();
  machine_.release(now_, kSettled);
  EXPECT_EQ(machine_.state(), RelayState::kParked);
}

}  // namespace
}  // namespace armada_cache::ingest
