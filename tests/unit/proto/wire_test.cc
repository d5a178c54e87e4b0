// Our definitions of Armada's API against what a real Armada sent: nothing is unknown to them, and
// what is decoded and encoded again has lost no byte.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "armada/api/event.pb.h"
#include "armada/api/job.pb.h"
#include "tests/support/recordings.h"

namespace armada_cache {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool knows_every_field(const Message& message) {
  const auto* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) return false;
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Message& inner = field->is_repeated()
                                 ? reflection->GetRepeatedMessage(message, field, i)
                                 : reflection->GetMessage(message, field);
      if (!knows_every_field(inner)) return false;
    }
  }
  return true;
}

std::string sorted(std::string bytes) {
  std::sort(bytes.begin(), bytes.end());
  return bytes;
}

// The entries of a map have no order on the wire, so two encodings of the same message are the same
// bytes only up to a permutation; that none is lost or changed shows in their sorted bytes, and
// that they still mean the same in the decoded messages.
template <typename Wire>
void expect_round_trip(const std::string& bytes) {
  Wire message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  EXPECT_TRUE(knows_every_field(message)) << message.ShortDebugString();
  const std::string again = message.SerializeAsString();
  if (again == bytes) return;
  EXPECT_EQ(again.size(), bytes.size());
  EXPECT_EQ(sorted(again), sorted(bytes));
  Wire reread;
  ASSERT_TRUE(reread.ParseFromString(again));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(message, reread));
}

TEST(Wire, EveryRecordedEventKeepsEveryByte) {
  std::size_t events = 0;
  for (const auto& recording : test_support::list_recordings(TEST_DATA_DIR "/recordings")) {
    SCOPED_TRACE(recording);
    for (const std::string& bytes : test_support::read_recording(recording)) {
      expect_round_trip<api::EventStreamMessage>(bytes);
      ++events;
    }
  }
  EXPECT_GT(events, 3000U);
}

TEST(Wire, EveryRecordedAnswerKeepsEveryByte) {
  std::size_t answers = 0;
  for (const auto& recording : test_support::list_recordings(TEST_DATA_DIR "/recordings")) {
    SCOPED_TRACE(recording);
    for (const auto& answer : test_support::read_answers(test_support::answers_of(recording))) {
      expect_round_trip<api::JobDetailsResponse>(answer.details_response);
      ++answers;
    }
  }
  EXPECT_GT(answers, 600U);
}

TEST(Wire, AnEmptyKubernetesObjectStaysApartFromNone) {
  api::Job job;
  EXPECT_EQ(job.SerializeAsString(), "");
  job.set_pod_spec("");
  EXPECT_EQ(job.SerializeAsString(), std::string("\x2a\x00", 2));
}

TEST(Wire, WhatALaterArmadaAddsIsCarriedAlong) {
  // Field 15 of EventStreamMessage, then field 99 of its EventMessage.
  const std::string bytes(
      "\x0a\x07"
      "1:0:0:0"
      "\x12\x04\x9a\x06\x01x"
      "\x78\x05",
      17);
  api::EventStreamMessage message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  EXPECT_EQ(message.message().events_case(), api::EventMessage::EVENTS_NOT_SET);
  EXPECT_EQ(message.SerializeAsString(), bytes);
}

}  // namespace
}  // namespace armada_cache
