// Every answer of a real Armada, and what it does to a relay.
#include "ingest/stream_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/relay_machine.h"

namespace armada_cache::ingest {
namespace {

using base::ErrorCode;

struct Answer {
  const char* name;
  bool watch;
  bool from_start;
  base::Status end;
  EndMeaning meaning;
  RelayState state;  // of the relay, right after
};

base::Status error(ErrorCode code, const char* message) {
  return base::fail(code, message);
}

const Answer kAnswers[] = {
    {"caught up", false, false, {}, EndMeaning::kCaughtUp, RelayState::kFollowing},
    {"server stops in a watch", true, false, {}, EndMeaning::kRetry, RelayState::kRetrying},
    {"unknown queue", false, true,
     error(ErrorCode::kNotFound, "[GetJobSetEvents] Queue nosuch does not exist"),
     EndMeaning::kNoQueue, RelayState::kGone},
    {"unknown queue that looks like a job set", false, true,
     error(ErrorCode::kNotFound, "[GetJobSetEvents] Queue Jobset x does not exist"),
     EndMeaning::kNoQueue, RelayState::kGone},
    {"missing job set", false, true,
     error(ErrorCode::kNotFound, "[GetJobSetEvents] Jobset nosuch for queue q-a does not exist"),
     EndMeaning::kNoJobSet, RelayState::kGone},
    {"a proxy that knows no such path", false, true, error(ErrorCode::kNotFound, "404"),
     EndMeaning::kRetry, RelayState::kRetrying},
    {"malformed cursor", false, false,
     error(ErrorCode::kUnknown, "[GetJobSetEvents] Could not convert legacy message id x"),
     EndMeaning::kBadCursor, RelayState::kRetrying},
    {"malformed cursor, though none was sent", false, true,
     error(ErrorCode::kUnknown, "Could not convert legacy message id"), EndMeaning::kRetry,
     RelayState::kRetrying},
    {"Redis refuses the cursor", false, false, error(ErrorCode::kUnavailable, "redis"),
     EndMeaning::kRetry, RelayState::kRetrying},
    {"no permission", false, true, error(ErrorCode::kPermissionDenied, "no"), EndMeaning::kRefused,
     RelayState::kRefused},
    {"bad credentials", false, true, error(ErrorCode::kUnauthenticated, "no"),
     EndMeaning::kUnknownLogin, RelayState::kRefused},
    {"not an Armada", false, true, error(ErrorCode::kUnimplemented, "unknown service api.Event"),
     EndMeaning::kRefused, RelayState::kRefused},
    {"server killed in a watch", true, false, error(ErrorCode::kUnavailable, "connection lost"),
     EndMeaning::kRetry, RelayState::kRetrying},
    {"message over the maximum", true, false,
     error(ErrorCode::kResourceExhausted, "Received message larger than max (5000000 vs. 16)"),
     EndMeaning::kRetry, RelayState::kRetrying},
    {"anything else", false, false, error(ErrorCode::kInternal, "boom"), EndMeaning::kRetry,
     RelayState::kRetrying},
};

class AnswerTest : public testing::TestWithParam<Answer> {};

TEST_P(AnswerTest, HasItsMeaning) {
  const Answer& answer = GetParam();
  const auto verdict = judge_stream_end(answer.end, {answer.watch, answer.from_start});
  EXPECT_EQ(verdict.meaning, answer.meaning) << answer.name;
  EXPECT_EQ(verdict.error.empty(), answer.meaning == EndMeaning::kCaughtUp);
}

TEST_P(AnswerTest, HasItsEffectOnTheRelay) {
  const Answer& answer = GetParam();
  RelayMachine machine({}, 1, {});
  const base::Time now(std::chrono::hours(1));
  machine.start(now);
  if (answer.watch) machine.on_stream_end(now, {}, answer.from_start, true);
  const auto actions = machine.on_stream_end(now, answer.end, answer.from_start, true);
  EXPECT_EQ(machine.state(), answer.state) << answer.name;
  EXPECT_EQ(actions.from_the_start, answer.meaning == EndMeaning::kBadCursor);
  EXPECT_EQ(actions.reread_credentials, answer.meaning == EndMeaning::kUnknownLogin);
  const bool goes_on = actions.open || machine.wake_at(JobsLeft::kSome);
  EXPECT_TRUE(goes_on) << "nothing may leave a wanted job set alone for good";
}

INSTANTIATE_TEST_SUITE_P(Armada, AnswerTest, testing::ValuesIn(kAnswers));

TEST(StreamEndTest, TheErrorOfAnOversizedMessageNamesTheSetting) {
  const auto verdict = judge_stream_end(
      error(ErrorCode::kResourceExhausted, "Received message larger than max (5 vs. 4)"), {});
  EXPECT_THAT(verdict.error, testing::HasSubstr("armada-max-message-bytes"));
}

}  // namespace
}  // namespace armada_cache::ingest
