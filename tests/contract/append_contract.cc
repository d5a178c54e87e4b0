#include <atomic>
#include <future>
#include <thread>

#include "tests/contract/event_log_contract.h"

namespace armada_cache::eventlog {
namespace {

std::vector<Record> numbered(int from, int count) {
  std::vector<Record> batch;
  for (int i = from; i < from + count; ++i) {
    batch.push_back(record("key", std::to_string(i)));
  }
  return batch;
}

TEST_P(EventLogContract, AcknowledgedRecordsAreReadableInTheOrderOfTheirAppends) {
  const TopicPartition at{make_topic({.name = "order"}), 0};
  Offset last = -1;
  for (int i = 0; i < 10; ++i) {
    const auto appended = append(at, numbered(i * 10, 10));
    ASSERT_TRUE(appended) << appended.error().message;
    EXPECT_GE(*appended, last + 10);
    EXPECT_GT(log().end_offset(at).value(), *appended);
    last = *appended;
  }
  const auto all = read_all(at);
  ASSERT_EQ(all.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(all[i].value, std::to_string(i));
    if (i > 0) {
      EXPECT_GT(all[i].offset, all[i - 1].offset);
    }
  }
  EXPECT_EQ(all.back().offset, last);
}

TEST_P(EventLogContract, AcknowledgementsComeInOrderAndBeforeTheAppenderIsGone) {
  const TopicPartition at{make_topic({.name = "acknowledged"}), 0};
  std::vector<Offset> acknowledged;
  auto appender = log().appender();
  for (int i = 0; i < 200; ++i) {
    appender->append(at, numbered(i, 1), [&](base::Result<Offset> last) {
      if (last) acknowledged.push_back(*last);
    });
  }
  const auto settled = read(*reader({{at, 0}}), 200).size();
  appender.reset();
  EXPECT_EQ(settled, 200u);
  ASSERT_EQ(acknowledged.size(), 200u);
  EXPECT_TRUE(std::is_sorted(acknowledged.begin(), acknowledged.end()));
}

TEST_P(EventLogContract, EverythingOfARecordComesBack) {
  const TopicPartition at{make_topic({.name = "whole"}), 0};
  const std::string binary("\0\xff\n", 3);
  const auto before = base::SystemClock().now();
  ASSERT_TRUE(
      append(at, {record("job", binary, {{"ce_id", "1:2:3"}, {"empty", ""}, {"ce_id", "2"}}),
                  record("", ""), record(binary, std::nullopt)}));
  const auto all = read_all(at);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].topic, at.topic);
  EXPECT_EQ(all[0].partition, 0);
  EXPECT_EQ(all[0].key, "job");
  EXPECT_EQ(all[0].value, binary);
  EXPECT_EQ(all[0].headers,
            (std::vector<Header>{{"ce_id", "1:2:3"}, {"empty", ""}, {"ce_id", "2"}}));
  EXPECT_GE(all[0].appended_at, before - std::chrono::seconds(1));
  EXPECT_EQ(all[1].key, "");
  EXPECT_EQ(all[1].value, "");
  EXPECT_EQ(all[2].key, binary);
  EXPECT_EQ(all[2].value, std::nullopt);
}

TEST_P(EventLogContract, LargeValuesPassWholeAmongSmallOnes) {
  const TopicPartition at{make_topic({.name = "large"}), 0};
  std::string large(5u << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(append(at, {record("small", "a"), record("large", large), record("small", "b")}));
  }
  const auto all = read_all(at);
  ASSERT_EQ(all.size(), 9u);
  for (int i = 0; i < 9; i += 3) {
    EXPECT_EQ(all[i].value, "a");
    EXPECT_TRUE(all[i + 1].value == large);
    EXPECT_EQ(all[i + 2].value, "b");
  }
}

TEST_P(EventLogContract, ConcurrentAppendersLoseNothingAndKeepTheirOwnOrder) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 100;
  const TopicPartition at{make_topic({.name = "concurrent"}), 0};
  std::atomic<int> failed = 0;
  const auto append_all = [&](int thread) {
    const auto appender = log().appender();
    for (int i = 0; i < kBatches; ++i) {
      std::vector<Record> batch;
      for (int k = 0; k < 3; ++k) {
        batch.push_back(record(std::to_string(thread), std::to_string(i * 3 + k)));
      }
      appender->append(at, std::move(batch), [&](base::Result<Offset> last) { failed += !last; });
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(append_all, i);
  }
  EXPECT_EQ(failed, 0);
  std::map<std::string, int> next;
  std::string previous_key;
  for (const Read& each : read_all(at)) {
    int& expected = next[each.key];
    EXPECT_EQ(each.value, std::to_string(expected)) << "of thread " << each.key;
    // A batch's records stay one after another.
    if (expected % 3 != 0) {
      EXPECT_EQ(each.key, previous_key);
    }
    previous_key = each.key;
    ++expected;
  }
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(next[std::to_string(i)], kBatches * 3);
}

TEST_P(EventLogContract, AppendsToWhatIsNotThereAnswerNotFound) {
  make_topic({.name = "known", .partitions = 2});
  for (const TopicPartition& at :
       {TopicPartition{"unknown", 0}, TopicPartition{"known", 2}, TopicPartition{"known", -1}}) {
    const auto appended = append(at, {record("a", "b")});
    ASSERT_FALSE(appended) << at.topic << at.partition;
    EXPECT_EQ(appended.error().code, base::ErrorCode::kNotFound);
  }
}

}  // namespace
}  // namespace armada_cache::eventlog
