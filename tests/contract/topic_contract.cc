#include <gmock/gmock.h>

#include "tests/contract/event_log_contract.h"

namespace armada_cache::eventlog {
namespace {

using testing::HasSubstr;

// What is left of a compacted partition: the last value of each key.
std::map<std::string, std::optional<std::string>> latest(const std::vector<Read>& all) {
  std::map<std::string, std::optional<std::string>> by_key;
  for (const Read& each : all) by_key[each.key] = each.value;
  return by_key;
}

TEST_P(EventLogContract, EnsureTopicAcceptsWhatIsAlreadyThere) {
  const TopicSpec spec{.name = "twice", .partitions = 3, .cleanup = Cleanup::kCompaction};
  make_topic(spec);
  ASSERT_TRUE(append({"twice", 2}, {record("a", "1")}));
  EXPECT_TRUE(log().ensure_topic(spec));
  EXPECT_EQ(read_all({"twice", 2}).size(), 1u);
}

TEST_P(EventLogContract, EnsureTopicNamesWhatDiffers) {
  make_topic({.name = "fixed", .partitions = 4});
  const auto other_count = log().ensure_topic({.name = "fixed", .partitions = 8});
  ASSERT_FALSE(other_count);
  EXPECT_EQ(other_count.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(other_count.error().message, HasSubstr("fixed"));
  EXPECT_THAT(other_count.error().message, HasSubstr("4"));
  EXPECT_THAT(other_count.error().message, HasSubstr("8"));
  const auto other_cleanup =
      log().ensure_topic({.name = "fixed", .partitions = 4, .cleanup = Cleanup::kCompaction});
  ASSERT_FALSE(other_cleanup);
  EXPECT_EQ(other_cleanup.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(other_cleanup.error().message, HasSubstr("compaction"));
}

TEST_P(EventLogContract, EnsureTopicRefusesWhatNoLogCanHave) {
  for (const TopicSpec& spec : {TopicSpec{.name = ""}, TopicSpec{.name = "x", .partitions = 0}}) {
    const auto made = log().ensure_topic(spec);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, base::ErrorCode::kInvalidArgument);
  }
}

TEST_P(EventLogContract, CompactionKeepsTheLastRecordOfEachKey) {
  const TopicPartition at{
      make_topic({.name = "compacted", .partitions = 2, .cleanup = Cleanup::kCompaction}), 1};
  for (int round = 0; round < 50; ++round) {
    std::vector<Record> batch;
    for (const char* key : {"a", "b", ""}) {
      batch.push_back(record(key, key + std::to_string(round)));
    }
    batch.push_back(record("a", "again" + std::to_string(round)));
    ASSERT_TRUE(append(at, std::move(batch)));
  }
  ASSERT_TRUE(append({at.topic, 0}, {record("a", "of another partition")}));
  const std::map<std::string, std::optional<std::string>> expected{
      {"a", "again49"}, {"b", "b49"}, {"", "49"}};
  EXPECT_EQ(latest(read_all(at)), expected);
  harness_->reopen();
  EXPECT_EQ(latest(read_all(at)), expected);
  EXPECT_EQ(latest(read_all({at.topic, 0})).at("a"), "of another partition");
}

TEST_P(EventLogContract, ATombstoneEndsItsKeyUntilTheNextRecord) {
  const TopicPartition at{make_topic({.name = "buried", .cleanup = Cleanup::kCompaction}), 0};
  ASSERT_TRUE(append(at, {record("gone", "1"), record("back", "1"), record("stays", "1")}));
  ASSERT_TRUE(append(at, {record("gone", std::nullopt), record("back", std::nullopt)}));
  ASSERT_TRUE(append(at, {record("back", "2")}));
  const auto left = latest(read_all(at));
  if (left.contains("gone")) {
    EXPECT_EQ(left.at("gone"), std::nullopt);
  }
  EXPECT_EQ(left.at("back"), "2");
  EXPECT_EQ(left.at("stays"), "1");
}

TEST_P(EventLogContract, TopicsRecordsAndOffsetsAreThereAfterReopening) {
  const TopicSpec spec{.name = "lasting", .partitions = 3};
  make_topic(spec);
  std::map<Partition, Offset> ends;
  for (Partition p = 0; p < 3; ++p) {
    for (int i = 0; i <= p; ++i) {
      ASSERT_TRUE(append({spec.name, p}, {record("k", std::to_string(i), {{"h", "v"}})}));
    }
    ends[p] = log().end_offset({spec.name, p}).value();
  }
  harness_->reopen();
  EXPECT_TRUE(log().ensure_topic(spec));
  EXPECT_FALSE(log().ensure_topic({.name = spec.name, .partitions = 4}));
  for (Partition p = 0; p < 3; ++p) {
    EXPECT_EQ(log().end_offset({spec.name, p}).value(), ends[p]);
    EXPECT_EQ(read_all({spec.name, p}).size(), static_cast<std::size_t>(p) + 1);
    EXPECT_GE(append({spec.name, p}, {record("k", "next")}).value(), ends[p]);
    EXPECT_EQ(read_all({spec.name, p}).back().value, "next");
  }
}

TEST_P(EventLogContract, WhatExpiredStaysGoneAndOffsetsGoOnAfterReopening) {
  const TopicPartition at{make_topic({.name = "expired"}), 0};
  ASSERT_TRUE(append(at, {record("k", "1"), record("k", "2")}));
  harness_->expire(at);
  const Offset end = log().end_offset(at).value();
  harness_->reopen();
  EXPECT_EQ(log().end_offset(at).value(), end);
  EXPECT_EQ(log().start_offset(at).value(), end);
  EXPECT_TRUE(read_all(at).empty());
  EXPECT_GE(append(at, {record("k", "3")}).value(), end);
}

}  // namespace
}  // namespace armada_cache::eventlog
