#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "tests/contract/event_log_contract.h"
#include "tests/support/eventually.h"

namespace armada_cache::eventlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test_support::eventually;

// Records that no compression makes small.
std::vector<Record> noise(std::size_t count) {
  std::mt19937 random(1);
  std::vector<Record> batch;
  for (std::size_t i = 0; i < count; ++i) {
    std::string value;
    for (int k = 0; k < 50; ++k) value.push_back(static_cast<char>(random()));
    batch.push_back(record("long", value));
  }
  return batch;
}

TEST_P(EventLogContract, AReaderStartsAtItsPosition) {
  const TopicPartition at{make_topic({.name = "positions"}), 0};
  std::vector<Offset> offsets;
  for (int i = 0; i < 20; ++i) {
    offsets.push_back(append(at, {record("k", std::to_string(i))}).value());
  }
  for (int i = 0; i < 20; ++i) {
    const auto rest = read_all(at, offsets[i]);
    ASSERT_EQ(rest.size(), 20u - i);
    EXPECT_EQ(rest.front().offset, offsets[i]);
    EXPECT_EQ(rest.front().value, std::to_string(i));
  }
  const auto at_end = reader({{at, log().end_offset(at).value()}});
  EXPECT_TRUE(at_end->poll(10, milliseconds(20)).value().empty());
}

TEST_P(EventLogContract, AnEmptyPartitionStartsWhereItEnds) {
  const TopicPartition at{make_topic({.name = "empty"}), 0};
  EXPECT_EQ(log().start_offset(at).value(), log().end_offset(at).value());
  EXPECT_TRUE(reader({{at, 0}})->poll(10, milliseconds(20)).value().empty());
}

TEST_P(EventLogContract, PollReturnsNoMoreThanAskedFor) {
  const TopicPartition at{make_topic({.name = "few"}), 0};
  std::vector<Record> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(record("k", std::to_string(i)));
  ASSERT_TRUE(append(at, std::move(batch)));
  const auto reading = reader({{at, 0}});
  int seen = 0;
  while (seen < 100) {
    const auto polled = reading->poll(7, kDeadline);
    ASSERT_TRUE(polled);
    ASSERT_FALSE(polled->empty());
    ASSERT_LE(polled->size(), 7u);
    for (const RecordView& view : *polled) EXPECT_EQ(view.value, std::to_string(seen++));
  }
}

TEST_P(EventLogContract, OneReaderReadsManyPartitionsOfManyTopics) {
  constexpr Partition kPartitions = 16;
  std::map<TopicPartition, Offset> positions;
  for (const char* name : {"many-a", "many-b"}) {
    const std::string topic = make_topic({.name = name, .partitions = kPartitions});
    for (Partition p = 0; p < kPartitions; ++p) {
      positions[{topic, p}] = 0;
      for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(append({topic, p}, {record(std::to_string(p), std::to_string(i))}));
      }
    }
  }
  const auto reading = reader(positions);
  std::map<TopicPartition, int> next;
  for (const Read& each : read(*reading, positions.size() * 5)) {
    EXPECT_EQ(each.key, std::to_string(each.partition));
    EXPECT_EQ(each.value, std::to_string(next[{each.topic, each.partition}]++));
  }
  EXPECT_EQ(next.size(), positions.size());
}

TEST_P(EventLogContract, ALongPartitionDoesNotStarveAShortOne) {
  const std::string topic = make_topic({.name = "fair", .partitions = 3});
  for (Partition p : {0, 2}) {
    ASSERT_TRUE(append({topic, p}, noise(5000)));
  }
  ASSERT_TRUE(append({topic, 1}, {record("short", "value")}));
  const auto reading = reader({{{topic, 0}, 0}, {{topic, 1}, 0}, {{topic, 2}, 0}});
  std::size_t before_short = 0;
  for (bool found = false; !found;) {
    const auto polled = reading->poll(100, kDeadline);
    ASSERT_TRUE(polled);
    ASSERT_FALSE(polled->empty());
    found = std::any_of(polled->begin(), polled->end(),
                        [](const RecordView& view) { return view.key == "short"; });
    before_short += polled->size();
  }
  EXPECT_LT(before_short, 6000u);
}

TEST_P(EventLogContract, PollWaitsForTheFirstRecord) {
  const TopicPartition at{make_topic({.name = "waits"}), 0};
  const auto reading = reader({{at, 0}});
  std::atomic<bool> polling = false;
  std::jthread appending([&, reads = test_support::this_thread()] {
    EXPECT_TRUE(eventually(kDeadline, [&] { return polling && test_support::sleeps(reads); }));
    EXPECT_TRUE(append(at, {record("k", "v")}));
  });
  const auto started = steady_clock::now();
  polling = true;
  const auto polled = reading->poll(10, kDeadline);
  ASSERT_TRUE(polled);
  EXPECT_EQ(polled->size(), 1u);
  EXPECT_LT(steady_clock::now() - started, kDeadline / 2);
}

TEST_P(EventLogContract, PollGivesUpAfterItsWait) {
  const TopicPartition at{make_topic({.name = "gives-up"}), 0};
  const auto reading = reader({{at, 0}});
  const auto started = steady_clock::now();
  EXPECT_TRUE(reading->poll(10, milliseconds(50)).value().empty());
  EXPECT_GE(steady_clock::now() - started, milliseconds(50));
}

TEST_P(EventLogContract, InterruptEndsAWaitingPollAndTheNextOne) {
  const TopicPartition at{make_topic({.name = "interrupted"}), 0};
  const auto reading = reader({{at, 0}});
  const auto started = steady_clock::now();
  reading->interrupt();
  EXPECT_TRUE(reading->poll(10, kDeadline).value().empty());
  std::atomic<bool> polling = false;
  std::jthread interrupting([&, reads = test_support::this_thread()] {
    EXPECT_TRUE(eventually(kDeadline, [&] { return polling && test_support::sleeps(reads); }));
    reading->interrupt();
  });
  polling = true;
  EXPECT_TRUE(reading->poll(10, kDeadline).value().empty());
  EXPECT_LT(steady_clock::now() - started, kDeadline / 2);
}

TEST_P(EventLogContract, ReadsWhileOthersAppendSeeEveryRecordOnce) {
  constexpr int kRecords = 20000;
  const std::string topic = make_topic({.name = "meanwhile", .partitions = 2});
  const auto reading = reader({{{topic, 0}, 0}, {{topic, 1}, 0}});
  std::jthread appending([&] {
    const auto appender = log().appender();
    for (int i = 0; i < kRecords; i += 20) {
      std::vector<Record> batch;
      for (int k = i; k < i + 20; ++k) batch.push_back(record("k", std::to_string(k)));
      appender->append({topic, (i / 20) % 2}, std::move(batch), [](base::Result<Offset>) {});
    }
  });
  std::map<Partition, int> last;
  std::set<std::string> seen;
  for (const Read& each : read(*reading, kRecords)) {
    const int number = std::stoi(*each.value);
    EXPECT_GE(number, last[each.partition]);
    last[each.partition] = number;
    seen.insert(*each.value);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kRecords));
}

TEST_P(EventLogContract, APositionBelowTheStartSkipsToIt) {
  const TopicPartition at{make_topic({.name = "forgotten"}), 0};
  ASSERT_TRUE(append(at, {record("k", "old"), record("k", "old")}));
  const auto early = reader({{at, 0}});
  harness_->expire(at);
  const Offset end = log().end_offset(at).value();
  EXPECT_EQ(log().start_offset(at).value(), end);
  ASSERT_TRUE(append(at, {record("k", "new")}));
  const auto late = read(*reader({{at, 0}}), 1);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].value, "new");
  EXPECT_GE(late[0].offset, end);
  // What a reader had read ahead may still come.
  std::vector<Read> rest = read(*early, 1);
  while (!rest.empty() && rest.back().value == "old") rest = read(*early, 1);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].value, "new");
}

TEST_P(EventLogContract, APositionFollowsWhatPollsReturn) {
  const std::string topic = make_topic({.name = "position", .partitions = 2});
  ASSERT_TRUE(append({topic, 0}, {record("k", "1"), record("k", "2")}));
  const auto reading = reader({{{topic, 0}, 0}, {{topic, 1}, 0}});
  EXPECT_EQ(reading->position({topic, 0}), 0);
  const auto first = reading->poll(1, kDeadline);
  ASSERT_EQ(first.value().size(), 1u);
  EXPECT_GT(reading->position({topic, 0}), first->front().offset);
  EXPECT_LE(reading->position({topic, 0}), log().end_offset({topic, 0}).value() - 1);
  read(*reading, 1);
  EXPECT_EQ(reading->position({topic, 0}), log().end_offset({topic, 0}).value());
  EXPECT_EQ(reading->position({topic, 1}), log().end_offset({topic, 1}).value());
}

TEST_P(EventLogContract, APositionComesToTheEndWhateverCompactionTookThere) {
  const TopicPartition at{make_topic({.name = "hollow", .cleanup = Cleanup::kCompaction}), 0};
  ASSERT_TRUE(append(at, {record("a", "1"), record("b", "1")}));
  ASSERT_TRUE(append(at, {record("a", std::nullopt), record("b", std::nullopt)}));
  harness_->bury(at);
  const auto reading = reader({{at, 0}});
  const Offset end = log().end_offset(at).value();
  const auto deadline = steady_clock::now() + kDeadline;
  while (reading->position(at) < end && steady_clock::now() < deadline) {
    ASSERT_TRUE(reading->poll(100, milliseconds(20)));
  }
  EXPECT_EQ(reading->position(at), end);
}

TEST_P(EventLogContract, APositionComesToTheEndWhateverRetentionTookThere) {
  const TopicPartition at{make_topic({.name = "trimmed"}), 0};
  ASSERT_TRUE(append(at, {record("k", "old")}));
  harness_->expire(at);
  const auto reading = reader({{at, 0}});
  const Offset end = log().end_offset(at).value();
  const auto deadline = steady_clock::now() + kDeadline;
  while (reading->position(at) < end && steady_clock::now() < deadline) {
    ASSERT_TRUE(reading->poll(10, milliseconds(20)).value().empty());
  }
  EXPECT_EQ(reading->position(at), end);
}

TEST_P(EventLogContract, ALogThatStoresAppendsIsWritable) {
  const TopicPartition at{make_topic({.name = "writable"}), 0};
  EXPECT_TRUE(log().writable());
  ASSERT_TRUE(append(at, {record("k", "v")}));
  EXPECT_TRUE(log().writable());
}

TEST_P(EventLogContract, ReadersOfWhatIsNotThereAreRefused) {
  make_topic({.name = "present", .partitions = 2});
  for (const TopicPartition& at : {TopicPartition{"absent", 0}, TopicPartition{"present", 2}}) {
    const auto made = log().reader({{{"present", 0}, 0}, {at, 0}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, base::ErrorCode::kNotFound);
    EXPECT_EQ(log().end_offset(at).error().code, base::ErrorCode::kNotFound);
    EXPECT_EQ(log().start_offset(at).error().code, base::ErrorCode::kNotFound);
  }
}

}  // namespace
}  // namespace armada_cache::eventlog
