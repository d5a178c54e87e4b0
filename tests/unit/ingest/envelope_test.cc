// The hand-written scan against the generated classes as its oracle.
#include "ingest/envelope.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <random>

#include "armada/api/event.pb.h"
#include "tests/support/recordings.h"

namespace armada_cache::ingest {
namespace {

const google::protobuf::Message* event_of(const api::EventMessage& message) {
  const auto* oneof = message.GetDescriptor()->oneof_decl(0);
  const auto* field = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  return field == nullptr ? nullptr : &message.GetReflection()->GetMessage(message, field);
}

std::string kind_of(const api::EventMessage& message) {
  const auto* oneof = message.GetDescriptor()->oneof_decl(0);
  const auto* field = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  return field == nullptr ? "" : field->name();
}

std::string job_id_of(const google::protobuf::Message& event) {
  return event.GetReflection()->GetString(event, event.GetDescriptor()->FindFieldByName("job_id"));
}

base::Time created_of(const google::protobuf::Message& event) {
  const auto* field = event.GetDescriptor()->FindFieldByName("created");
  const auto& created = static_cast<const google::protobuf::Timestamp&>(
      event.GetReflection()->GetMessage(event, field));
  const bool possible =
      created.seconds() >= -62'135'596'800 && created.seconds() <= 253'402'300'799;
  if (!possible) return {};
  return base::from_unix_micros(created.seconds() * 1'000'000 + created.nanos() / 1000);
}

void expect_agreement(const std::string& bytes) {
  api::EventStreamMessage parsed;
  const bool accepted = parsed.ParseFromString(bytes);
  const Envelope envelope = open_envelope(bytes);
  if (!accepted) return;
  ASSERT_TRUE(envelope.readable);
  EXPECT_EQ(envelope.id, parsed.id());
  EXPECT_EQ(envelope.kind, kind_of(parsed.message()));
  const auto* event = event_of(parsed.message());
  if (event == nullptr) {
    EXPECT_EQ(envelope.job_id, "");
    return;
  }
  EXPECT_EQ(envelope.job_id, job_id_of(*event));
  EXPECT_EQ(envelope.created, created_of(*event));
  EXPECT_EQ(envelope.retryable, parsed.message().failed().retryable());
}

TEST(EnvelopeTest, AgreesWithTheGeneratedClassesOnRecordedStreams) {
  std::size_t messages = 0;
  for (const auto& file :
       test_support::list_recordings(std::string(TEST_DATA_DIR) + "/recordings")) {
    for (const std::string& message : test_support::read_recording(file)) {
      expect_agreement(message);
      ++messages;
    }
  }
  EXPECT_GT(messages, 1000U);
}

TEST(EnvelopeTest, AgreesOnMutilatedMessages) {
  const google::protobuf::LogSilencer silence;
  std::mt19937 random(5);
  for (const auto& file :
       test_support::list_recordings(std::string(TEST_DATA_DIR) + "/recordings")) {
    for (std::string message : test_support::read_recording(file)) {
      if (message.size() > 3000 || random() % 4 != 0) continue;
      for (int change = 0; change < 3; ++change) {
        message[random() % message.size()] = static_cast<char>(random());
      }
      expect_agreement(message);
      message.resize(random() % message.size());
      expect_agreement(message);
    }
  }
}

api::EventStreamMessage running(const std::string& id, const std::string& job_id) {
  api::EventStreamMessage message;
  message.set_id(id);
  message.mutable_message()->mutable_running()->set_job_id(job_id);
  return message;
}

TEST(EnvelopeTest, TheLastKindWinsAndTheSameKindIsMerged) {
  api::EventStreamMessage failed;
  failed.mutable_message()->mutable_failed()->set_retryable(true);
  const std::string first = running("1:0:0:0", "a").SerializeAsString();
  expect_agreement(first + failed.SerializeAsString());
  expect_agreement(failed.SerializeAsString() + first);
  expect_agreement(first + running("2:0:0:0", "b").SerializeAsString());
}

TEST(EnvelopeTest, UnknownKindsAndFieldsAreReadable) {
  api::EventStreamMessage message = running("1:0:0:0", "a");
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(99, 5);
  message.GetReflection()->MutableUnknownFields(&message)->AddGroup(98)->AddFixed32(1, 2);
  auto* event = message.mutable_message()->mutable_running();
  event->GetReflection()->MutableUnknownFields(event)->AddFixed64(77, 5);
  expect_agreement(message.SerializeAsString());

  api::EventStreamMessage newer;
  newer.set_id("1:0:0:0");
  auto* inner = newer.mutable_message();
  inner->GetReflection()->MutableUnknownFields(inner)->AddLengthDelimited(40, "\x0a\x01x");
  expect_agreement(newer.SerializeAsString());
  EXPECT_EQ(open_envelope(newer.SerializeAsString()).kind, "");
  EXPECT_TRUE(open_envelope(newer.SerializeAsString()).readable);
}

TEST(EnvelopeTest, BrokenMessagesKeepTheIdThatCouldBeRead) {
  const std::string whole = running("1:0:0:0", "a").SerializeAsString();
  const Envelope cut = open_envelope(std::string_view(whole).substr(0, whole.size() - 1));
  EXPECT_FALSE(cut.readable);
  EXPECT_EQ(cut.id, "1:0:0:0");
  EXPECT_EQ(cut.job_id, "");
  EXPECT_FALSE(open_envelope("\xff\xff\xff").readable);
  EXPECT_TRUE(open_envelope("").readable);
}

TEST(EnvelopeTest, ImpossibleTimesAreUnknown) {
  api::EventStreamMessage message = running("1:0:0:0", "a");
  message.mutable_message()->mutable_running()->mutable_created()->set_seconds(1LL << 62);
  EXPECT_EQ(open_envelope(message.SerializeAsString()).created, base::Time());
}

}  // namespace
}  // namespace armada_cache::ingest
