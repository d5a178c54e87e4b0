// The records that schemas/ shows are what the code reads and writes.
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/support/base64.h"

namespace armada_cache::topics {
namespace {

using test_support::decode_base64;

struct Documented {
  eventlog::Partition partition = -1;
  eventlog::Partition partitions = 0;
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value;
  std::string text;  // the value as people read it
};

void read_record_line(const std::string& line, Documented& record) {
  std::istringstream words(line);
  std::string what;
  std::string of;
  words >> what;
  if (what == "partition") words >> record.partition >> of >> record.partitions;
  if (what == "key") words >> record.key;
  if (what == "value") words >> record.value;
  if (what == "header") {
    auto& [name, value] = record.headers.emplace_back();
    words >> name >> value;
  }
}

// A block that begins with the topic, and the next block in the notation of Protobuf.
Documented documented(const std::string& file, std::string_view topic) {
  std::ifstream in(std::string(TEST_DATA_DIR) + "/../../schemas/" + file);
  Documented record;
  bool found = false;
  bool in_text = false;
  for (std::string line; std::getline(in, line);) {
    const bool is_topic = line.starts_with("topic ");
    if (is_topic) found = line.ends_with(" " + std::string(topic));
    if (!found || is_topic) continue;
    if (line == "```" && in_text) break;
    if (in_text) record.text += line + "\n";
    if (line == "```textproto") in_text = true;
    if (!in_text) read_record_line(line, record);
  }
  return record;
}

template <typename Message>
Message value_of(const Documented& record) {
  Message value;
  EXPECT_TRUE(value.ParseFromString(decode_base64(record.value)));
  Message as_text;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(record.text, &as_text));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(value, as_text))
      << value.DebugString();
  return value;
}

TEST(DocumentedRecords, AnEvent) {
  const Documented record = documented("consumers.md", kEvents);
  const auto message = value_of<api::EventStreamMessage>(record);
  const api::JobRunningEvent& event = message.message().running();
  const auto created = base::from_unix_micros(event.created().seconds() * 1'000'000 +
                                              event.created().nanos() / 1000);
  const base::JobSet job_set{event.queue(), event.job_set_id()};
  const eventlog::Record written =
      event_record({"armada", job_set, message.id(), "running", event.job_id(), created}, "");
  EXPECT_EQ(written.key, record.key);
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& header : written.headers) headers.emplace_back(header.name, header.value);
  EXPECT_EQ(headers, record.headers);
  EXPECT_EQ(partition_of(written.key, record.partitions), record.partition);
}

TEST(DocumentedRecords, ARelay) {
  const Documented record = documented("consumers.md", kRelays);
  EXPECT_EQ(value_of<internal::v1::RelayRecord>(record).state(),
            internal::v1::RELAY_STATE_FOLLOWING);
  const base::JobSet job_set = decode_relay_key(decode_base64(record.key)).value();
  EXPECT_EQ(job_set, (base::JobSet{"team a", "load-0"}));
  EXPECT_EQ(partition_of_job_set(job_set, record.partitions), record.partition);
}

TEST(DocumentedRecords, ASubscription) {
  const Documented record = documented("topics.md", kSubscriptions);
  EXPECT_EQ(value_of<internal::v1::SubscriptionRecord>(record).origin(), "subscribe");
  const auto name = decode_subscription_key(decode_base64(record.key)).value();
  EXPECT_EQ(name.subscriber, "show");
  EXPECT_EQ(partition_of_job_set(name.job_set, record.partitions), record.partition);
}

}  // namespace
}  // namespace armada_cache::topics
