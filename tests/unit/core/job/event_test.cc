#include "core/job/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

using testing::HasSubstr;

api::EventStreamMessage message_of(std::string id, const api::EventMessage& event) {
  api::EventStreamMessage message;
  message.set_id(std::move(id));
  *message.mutable_message() = event;
  return message;
}

api::EventMessage leased() {
  return Story("q", "s", "j").tell("leased").events().front();
}

void expect_refused(const api::EventStreamMessage& message, const std::string& reason) {
  const auto opened = open(message);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(opened.error().message, HasSubstr(reason));
}

TEST(Open, TellsWhatEveryKindHas) {
  const Story story = Story("q", "s", "j")
                          .tell(
                              "submitted queued leased lease_returned lease_expired pending "
                              "running failed succeeded "
                              "reprioritized cancelling cancelled utilisation ingress_info "
                              "reprioritizing preempted "
                              "preempting");
  std::string kinds;
  for (const auto& event : story.events()) {
    const auto message = message_of("12:3:4:1", event);
    const auto opened = open(message);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->id, (base::UpstreamId{12, 3, 4}));
    EXPECT_EQ(opened->event.job_id, "j");
    EXPECT_EQ(opened->event.queue, "q");
    EXPECT_EQ(opened->event.job_set, "s");
    EXPECT_NE(opened->event.created, nullptr);
    EXPECT_EQ(opened->event.message, &message.message());
    kinds.append(opened->event.kind).append(" ");
  }
  EXPECT_EQ(kinds,
            "submitted queued leased lease_returned lease_expired pending running failed succeeded "
            "reprioritized cancelling cancelled utilisation ingress_info reprioritizing preempted "
            "preempting ");
}

TEST(Open, RefusesAMalformedId) {
  for (const char* id : {"", "garbage", "1:2", "1:2:3:4:5", "-1:0:0:1", "$"}) {
    expect_refused(message_of(id, leased()), "malformed message id");
  }
}

TEST(Open, RefusesAKindUnknownHere) {
  api::EventStreamMessage message;
  message.set_id("1:0:0:0");
  expect_refused(message, "kind unknown here in message 1:0:0:0");
  // Field 99 of EventMessage: an event of the future.
  ASSERT_TRUE(message.mutable_message()->ParseFromString(std::string("\x9a\x06\x00", 3)));
  expect_refused(message, "kind unknown here");
}

TEST(Open, RefusesAnEventWithoutAJob) {
  api::EventMessage event = leased();
  event.mutable_leased()->clear_job_id();
  expect_refused(message_of("1:0:0:0", event), "leased event without a job id");
  event.mutable_leased()->set_job_id(std::string(kMaxJobIdBytes + 1, 'j'));
  expect_refused(message_of("1:0:0:0", event), "job id of 513 bytes");
}

TEST(Open, RefusesAnEventWithoutAJobSet) {
  api::EventMessage event = leased();
  event.mutable_leased()->clear_queue();
  expect_refused(message_of("1:0:0:0", event), "without a queue or a job set");
  event = leased();
  event.mutable_leased()->clear_job_set_id();
  expect_refused(message_of("1:0:0:0", event), "without a queue or a job set");
}

TEST(Open, AcceptsAnEventWithoutATime) {
  api::EventMessage event = leased();
  event.mutable_leased()->clear_created();
  const auto message = message_of("1:0:0:0", event);
  const auto opened = open(message);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->event.created, nullptr);
}

}  // namespace
}  // namespace armada_cache::job
