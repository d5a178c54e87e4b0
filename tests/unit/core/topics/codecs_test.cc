#include "core/topics/codecs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/relay_generation.h"

namespace armada_cache::topics {
namespace {

const base::JobSet kJobSet{"q-a", "a set / with: odd \xC3\xBC parts%2F"};

TEST(Codecs, KeysComeBackAsTheyWere) {
  EXPECT_EQ(decode_relay_key(encode_key(kJobSet)).value(), kJobSet);
  const SubscriptionName name{kJobSet, "dag-1"};
  EXPECT_EQ(decode_subscription_key(encode_key(name)).value(), name);
}

TEST(Codecs, ASubscriptionKeyBeginsWithItsJobSetsKey) {
  const std::string key = encode_key(SubscriptionName{kJobSet, "dag-1"});
  EXPECT_TRUE(key.starts_with(encode_key(kJobSet)));
}

TEST(Codecs, DamagedBytesAreAnErrorThatSaysSo) {
  const auto key = decode_relay_key("\xff\xff");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, base::ErrorCode::kDataLoss);
  internal::v1::RelayRecord record;
  EXPECT_FALSE(decode("\xff\xff", record));
}

TEST(Codecs, ARelayOfAGenerationThatCannotBeIsDamaged) {
  const auto decoded = [](std::int64_t generation) {
    internal::v1::RelayRecord record;
    record.set_generation(generation);
    return decode(record.SerializeAsString(), record);
  };
  EXPECT_TRUE(decoded(0));
  EXPECT_TRUE(decoded(kMaxRelayGeneration));
  for (const auto generation :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, kMaxRelayGeneration + 1,
        std::numeric_limits<std::int64_t>::max()}) {
    const auto refused = decoded(generation);
    ASSERT_FALSE(refused) << generation;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kDataLoss);
    EXPECT_THAT(refused.error().message, testing::HasSubstr(std::to_string(generation)));
  }
}

TEST(Codecs, TombstoneHasNoValue) {
  EXPECT_FALSE(subscription_tombstone({kJobSet, "x"}).value.has_value());
}

struct Headers {
  explicit Headers(const eventlog::Record& record) {
    for (const auto& header : record.headers) views.push_back({header.name, header.value});
    view.headers = views;
  }
  explicit Headers(const eventlog::Record&&) = delete;  // it would be gone
  std::vector<eventlog::HeaderView> views;
  eventlog::RecordView view;
};

TEST(Codecs, ATombstoneOfARelayTellsWhoseItIs) {
  const eventlog::Record record = relay_tombstone(kJobSet, 7);
  EXPECT_FALSE(record.value);
  const Headers headers(record);
  EXPECT_EQ(headers.view.header("generation"), "7");
  EXPECT_EQ(tombstone_generation(headers.view), 7);
  EXPECT_FALSE(is_stale_tombstone(headers.view, 7));
  EXPECT_TRUE(is_stale_tombstone(headers.view, 8));
  const std::array<eventlog::Record, 3> none{
      eventlog::Record{encode_key(kJobSet), std::nullopt, {}}, relay_tombstone(kJobSet, -1),
      relay_tombstone(kJobSet, kMaxRelayGeneration + 1)};
  for (const eventlog::Record& tombstone : none) {
    const Headers without(tombstone);
    EXPECT_FALSE(tombstone_generation(without.view));
    EXPECT_FALSE(is_stale_tombstone(without.view, 8));
  }
}

TEST(Codecs, AnEventCarriesCloudEventsHeadersAndItsBytesVerbatim) {
  const EventDescription event{"prod",    kJobSet, "12:0:1:1",
                               "running", "job-1", base::from_unix_micros(1'795'340'106'189'093)};
  const eventlog::Record record = event_record(event, "bytes");
  EXPECT_EQ(record.key, "job-1");
  EXPECT_EQ(record.value, "bytes");
  const Headers headers(record);
  EXPECT_EQ(headers.view.header("ce_specversion"), "1.0");
  EXPECT_EQ(headers.view.header("ce_id"), "12:0:1:1");
  EXPECT_EQ(headers.view.header("ce_type"), "io.armadaproject.job.running");
  EXPECT_EQ(headers.view.header("ce_time"), "2026-11-22T09:35:06.189093Z");
  EXPECT_EQ(headers.view.header("ce_source"),
            "/prod/q-a/a%20set%20%2F%20with%3A%20odd%20%C3%BC%20parts%252F");
  EXPECT_EQ(job_set_of_event(headers.view).value(), kJobSet);
}

TEST(Codecs, AMalformedSourceIsAnError) {
  for (const char* source : {"", "/", "/a", "/a/b", "/a/b/c/d", "/a/%zz/c", "/a/b/%2"}) {
    const std::vector<eventlog::HeaderView> views{{"ce_source", source}};
    eventlog::RecordView record;
    record.headers = views;
    EXPECT_FALSE(job_set_of_event(record)) << source;
  }
  EXPECT_FALSE(job_set_of_event(eventlog::RecordView{}));
}

TEST(Codecs, AllTopicsHaveTheSamePartitionCount) {
  for (const auto& spec : topic_specs(12, std::chrono::hours(1))) EXPECT_EQ(spec.partitions, 12);
}

}  // namespace
}  // namespace armada_cache::topics
