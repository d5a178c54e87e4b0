#include "projector/end_watch.h"

#include <gmock/gmock.h>

#include "tests/support/manual_clock.h"
#include "tests/support/memory_log.h"
#include "tests/unit/projector/slow_log.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const eventlog::TopicPartition kGood{"topic", 0};
const eventlog::TopicPartition kBad{"topic", 1};
constexpr std::chrono::milliseconds kInterval(20);

class EndWatchTest : public ::testing::Test {
 protected:
  EndWatchTest() { EXPECT_TRUE(log_.ensure_topic({.name = "topic", .partitions = 2})); }

  // As many intervals later, and a second of the clock's.
  void ask(const std::vector<eventlog::TopicPartition>& of, int intervals = 1) {
    now_ += intervals * kInterval;
    clock_.advance(std::chrono::seconds(1));
    watch_.ask(of, now_);
  }
  void append(const eventlog::TopicPartition& to) { log_.append(to, {"key", "value", {}}); }
  eventlog::Offset told(const eventlog::TopicPartition& of) const {
    const auto newest = watch_.newest(of);
    return newest ? newest->end : -1;
  }
  base::Time asked(const eventlog::TopicPartition& of) const { return watch_.newest(of)->asked; }

  test_support::ManualClock clock_;
  test_support::MemoryLog log_{clock_};
  LogEnds ends_{log_};
  EndWatch watch_{ends_, clock_, kInterval};
  EndWatch::SteadyTime now_;
};

TEST_F(EndWatchTest, AsksOnceInItsInterval) {
  EXPECT_EQ(told(kGood), -1);
  ask({kGood});
  EXPECT_EQ(told(kGood), 0);
  append(kGood);
  ask({kGood}, 0);
  EXPECT_EQ(told(kGood), 0);
  ask({kGood});
  EXPECT_EQ(told(kGood), 1);
  EXPECT_EQ(asked(kGood), clock_.now());
}

TEST_F(EndWatchTest, WhatCannotBeToldKeepsNothingElseBack) {
  ask({kBad, kGood});
  const base::Time before = clock_.now();
  log_.hide_end(kBad, base::Error{base::ErrorCode::kUnavailable, "its broker is away"});
  append(kBad);
  append(kGood);
  ask({kBad, kGood});
  EXPECT_EQ(told(kGood), 1);
  EXPECT_EQ(asked(kGood), clock_.now());
  EXPECT_EQ(told(kBad), 0);
  EXPECT_EQ(asked(kBad), before);
  log_.hide_end(kBad, std::nullopt);
  ask({kBad, kGood});
  EXPECT_EQ(told(kBad), 1);
}

TEST_F(EndWatchTest, WhatIsNotWatchedAnyMoreIsForgotten) {
  ask({kBad, kGood});
  ask({kGood}, 0);
  EXPECT_EQ(told(kBad), -1);
  EXPECT_EQ(told(kGood), 0);
}

class EndWatchLinesTest : public EndWatchTest {
 protected:
  EndWatchLinesTest() { ask({kBad, kGood}); }

  // What is said until the next questions' answers were looked at.
  std::string lines() {
    ::testing::internal::CaptureStderr();
    ask({kBad, kGood});
    ask({kBad, kGood});
    return ::testing::internal::GetCapturedStderr();
  }
  void fail(const eventlog::TopicPartition& of, base::ErrorCode code = base::ErrorCode::kDataLoss) {
    log_.hide_end(of, base::Error{code, "made anew"});
  }
};

TEST_F(EndWatchLinesTest, WhatCannotBeToldIsSaidOnceAMinuteAndWhenItIsOver) {
  EXPECT_THAT(lines(), IsEmpty());
  fail(kBad);
  EXPECT_THAT(lines(),
              AllOf(HasSubstr("where the log ends is not told"),
                    HasSubstr(R"("partitions":1,"topic":"topic","partition":1)"),
                    HasSubstr(name_of(base::ErrorCode::kDataLoss)), HasSubstr("made anew")));
  EXPECT_THAT(lines(), IsEmpty());
  fail(kGood);
  EXPECT_THAT(lines(), IsEmpty());
  now_ += std::chrono::minutes(1);
  EXPECT_THAT(lines(), HasSubstr(R"("partitions":2)"));
  log_.hide_end(kGood, std::nullopt);
  EXPECT_THAT(lines(), IsEmpty());
  log_.hide_end(kBad, std::nullopt);
  EXPECT_THAT(lines(), HasSubstr("where the log ends is told of all that is here"));
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(EndWatchLinesTest, WhatIsNotWatchedAnyMoreIsNotSaid) {
  fail(kBad);
  ask({kBad, kGood});
  ::testing::internal::CaptureStderr();
  ask({kGood});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), IsEmpty());
}

TEST_F(EndWatchLinesTest, ALogThatGoesIsNotSaid) {
  fail(kBad, base::ErrorCode::kCancelled);
  EXPECT_THAT(lines(), IsEmpty());
}

class SlowEndWatchTest : public ::testing::Test {
 protected:
  ~SlowEndWatchTest() override { ends_.stop(); }
  void ask(const std::vector<eventlog::TopicPartition>& of) { watch_.ask(of, now_ += kInterval); }

  test_support::ManualClock clock_;
  SlowLog log_;
  LogEnds ends_{log_};
  EndWatch watch_{ends_, clock_, kInterval};
  EndWatch::SteadyTime now_;
};

TEST_F(SlowEndWatchTest, OneThatIsNotAnsweredIsNotAskedAgainAndHoldsUpNoOther) {
  ask({kBad, kGood});
  ASSERT_EQ(log_.waiting(), 2U);
  log_.answer(1, 5);
  EXPECT_EQ(watch_.newest(kGood)->end, 5);
  ask({kBad, kGood});
  ASSERT_EQ(log_.waiting(), 2U);
  log_.answer(1, 6);
  EXPECT_EQ(watch_.newest(kGood)->end, 6);
  EXPECT_FALSE(watch_.newest(kBad));
}

TEST_F(SlowEndWatchTest, AnAnswerFromBeforeItWasForgottenIsNotTaken) {
  ask({kGood});
  ask({});
  ask({kGood});
  log_.answer(0, 5);
  EXPECT_FALSE(watch_.newest(kGood));
  log_.answer(0, 6);
  EXPECT_EQ(watch_.newest(kGood)->end, 6);
}

}  // namespace
}  // namespace armada_cache::projector::testing
