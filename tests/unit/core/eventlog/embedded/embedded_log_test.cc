// What the embedded log does beyond the port's contract.
#include "core/eventlog/embedded/embedded_log.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::Pair;

constexpr std::chrono::seconds kDeadline(30);

class EmbeddedLogTest : public testing::Test {
 protected:
  EmbeddedLogOptions options() {
    return {.directory = directory_.path() / "log",
            .clock = clock_,
            .trim_interval = milliseconds(5),
            .tombstone_retention = hours(24)};
  }
  void open(const EmbeddedLogOptions& with) {
    log_.reset();
    auto opened = open_embedded_log(with);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }

  base::Result<Offset> append(const TopicPartition& to, std::vector<Record> batch) {
    std::promise<base::Result<Offset>> outcome;
    const auto appender = log_->appender();
    appender->append(to, std::move(batch), [&](auto last) { outcome.set_value(std::move(last)); });
    return outcome.get_future().get();
  }

  // Offsets and keys of what the partition holds now.
  std::vector<std::pair<Offset, std::string>> contents(const TopicPartition& of) {
    std::vector<std::pair<Offset, std::string>> all;
    const auto reader = log_->reader({{of, 0}}).value();
    while (true) {
      const auto polled = reader->poll(100, milliseconds(0));
      if (!polled || polled->empty()) return all;
      for (const RecordView& view : *polled) all.emplace_back(view.offset, view.key);
    }
  }

  bool start_becomes(const TopicPartition& of, Offset expected) {
    return test_support::eventually(kDeadline,
                                    [&] { return log_->start_offset(of).value() == expected; });
  }

  test_support::TempDir directory_;
  test_support::ManualClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(EmbeddedLogTest, TrimsWhatIsOlderThanTheRetentionAndNothingElse) {
  open(options());
  ASSERT_TRUE(log_->ensure_topic({.name = "t", .partitions = 2, .retention = hours(10)}));
  for (int hour = 0; hour < 20; ++hour) {
    ASSERT_TRUE(append({"t", 0}, {{"a", "1", {}}, {"b", "2", {}}}));
    clock_.advance(hours(1));
  }
  ASSERT_TRUE(append({"t", 1}, {{"other", "1", {}}}));
  EXPECT_TRUE(start_becomes({"t", 0}, 20));
  EXPECT_EQ(contents({"t", 0}).front().first, 20);
  EXPECT_EQ(contents({"t", 0}).size(), 20u);
  EXPECT_EQ(contents({"t", 1}).size(), 1u);
}

TEST_F(EmbeddedLogTest, AnotherRetentionReplacesTheStoredOne) {
  open(options());
  ASSERT_TRUE(log_->ensure_topic({.name = "t", .retention = hours(1000)}));
  ASSERT_TRUE(append({"t", 0}, {{"a", "1", {}}}));
  ASSERT_TRUE(log_->ensure_topic({.name = "t", .retention = hours(1)}));
  open(options());
  clock_.advance(hours(2));
  EXPECT_TRUE(start_becomes({"t", 0}, 1));
}

TEST_F(EmbeddedLogTest, AppendedAtNeverFallsThoughTheClockDoes) {
  open(options());
  ASSERT_TRUE(log_->ensure_topic({.name = "t"}));
  ASSERT_TRUE(append({"t", 0}, {{"a", "1", {}}}));
  const base::Time first = clock_.now();
  clock_.advance(-hours(1));
  ASSERT_TRUE(append({"t", 0}, {{"b", "1", {}}}));
  open(options());
  ASSERT_TRUE(append({"t", 0}, {{"c", "1", {}}}));
  const auto reader = log_->reader({{{"t", 0}, 0}}).value();
  const auto polled = reader->poll(10, kDeadline).value();
  ASSERT_EQ(polled.size(), 3u);
  for (const RecordView& view : polled) EXPECT_EQ(view.appended_at, first);
}

TEST_F(EmbeddedLogTest, CompactionLeavesOneRecordAKey) {
  open(options());
  ASSERT_TRUE(log_->ensure_topic({.name = "c", .cleanup = Cleanup::kCompaction}));
  ASSERT_TRUE(append({"c", 0}, {{"a", "1", {}}, {"b", "1", {}}, {"a", "2", {}}}));
  EXPECT_THAT(contents({"c", 0}), ElementsAre(Pair(1, "b"), Pair(2, "a")));
  ASSERT_TRUE(append({"c", 0}, {{"b", "2", {}}}));
  EXPECT_THAT(contents({"c", 0}), ElementsAre(Pair(2, "a"), Pair(3, "b")));
  EXPECT_TRUE(start_becomes({"c", 0}, 2)) << "the start follows the oldest record kept";
  open(options());
  EXPECT_THAT(contents({"c", 0}), ElementsAre(Pair(2, "a"), Pair(3, "b")));
  EXPECT_EQ(log_->start_offset({"c", 0}), 2);
}

TEST_F(EmbeddedLogTest, TombstonesGoAfterTheirTimeButForTheLastRecord) {
  open(options());
  ASSERT_TRUE(log_->ensure_topic({.name = "c", .cleanup = Cleanup::kCompaction}));
  ASSERT_TRUE(append({"c", 0}, {{"a", "1", {}}, {"b", "1", {}}, {"x", "1", {}}}));
  ASSERT_TRUE(append({"c", 0}, {{"a", {}, {}}, {"b", {}, {}}, {"x", {}, {}}}));
  ASSERT_TRUE(append({"c", 0}, {{"b", "2", {}}, {"d", {}, {}}}));
  EXPECT_THAT(contents({"c", 0}),
              ElementsAre(Pair(3, "a"), Pair(5, "x"), Pair(6, "b"), Pair(7, "d")));
  clock_.advance(hours(25));
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return contents({"c", 0}).size() == 2; }));
  EXPECT_THAT(contents({"c", 0}), ElementsAre(Pair(6, "b"), Pair(7, "d")));
  open(options());
  EXPECT_EQ(log_->end_offset({"c", 0}), 8);
  ASSERT_TRUE(append({"c", 0}, {{"a", "3", {}}, {"d", "1", {}}}));
  EXPECT_THAT(contents({"c", 0}), ElementsAre(Pair(6, "b"), Pair(8, "a"), Pair(9, "d")));
}

TEST_F(EmbeddedLogTest, RefusesAppendsBeyondTheBoundInTheirTurn) {
  auto bounded = options();
  bounded.max_queued_bytes = 10'000;
  open(bounded);
  ASSERT_TRUE(log_->ensure_topic({.name = "t"}));
  std::vector<base::Result<Offset>> outcomes;
  std::promise<void> entered;
  std::promise<void> go_on;
  {
    const auto appender = log_->appender();
    const auto keep = [&](base::Result<Offset> last) { outcomes.push_back(std::move(last)); };
    appender->append({"t", 0}, {{"first", "", {}}}, [&](base::Result<Offset> last) {
      outcomes.push_back(std::move(last));
      entered.set_value();
      go_on.get_future().wait();  // holds the writer, so that the next ones queue up
    });
    entered.get_future().wait();
    for (int i = 0; i < 3; ++i)
      appender->append({"t", 0}, {{"k", std::string(4000, 'v'), {}}}, keep);
    appender->append({"t", 0}, {}, keep);
    appender->append({"t", 0}, {{"last", "", {}}}, keep);
    EXPECT_EQ(outcomes.size(), 3u) << "what is refused is told at once and kept in no line";
    go_on.set_value();
  }
  ASSERT_EQ(outcomes.size(), 6u) << "the appender waits for all of its appends";
  EXPECT_EQ(outcomes[0], 0);
  EXPECT_EQ(outcomes[1].error().code, base::ErrorCode::kResourceExhausted);
  EXPECT_EQ(outcomes[2].error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(outcomes[3], 1);
  EXPECT_EQ(outcomes[4], 2);
  EXPECT_EQ(outcomes[5], 3);
}

TEST_F(EmbeddedLogTest, APollHoldsNoMoreBytesThanItsBoundButOneRecord) {
  auto bounded = options();
  bounded.max_poll_bytes = 1000;
  open(bounded);
  ASSERT_TRUE(log_->ensure_topic({.name = "t"}));
  const std::string large(5000, 'v');
  ASSERT_TRUE(append({"t", 0}, {{"k", large, {}}, {"k", large, {}}, {"k", "small", {}}}));
  const auto reader = log_->reader({{{"t", 0}, 0}}).value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader->poll(100, kDeadline).value().size(), 1u);
}

TEST_F(EmbeddedLogTest, SyncingEveryBatchStoresToo) {
  auto synced = options();
  synced.sync_every_batch = true;
  open(synced);
  ASSERT_TRUE(log_->ensure_topic({.name = "t"}));
  EXPECT_EQ(append({"t", 0}, {{"k", "v", {}}}), 0);
  EXPECT_EQ(contents({"t", 0}).size(), 1u);
}

TEST_F(EmbeddedLogTest, ReadsGoOnAcrossFilesOnDisk) {
  auto small = options();
  small.write_buffer_bytes = 256u << 10;
  open(small);
  ASSERT_TRUE(log_->ensure_topic({.name = "t", .partitions = 3}));
  constexpr int kBatches = 300;
  for (int i = 0; i < kBatches; ++i) {
    std::vector<Record> batch(20, {"k", std::string(500, static_cast<char>('a' + i % 26)), {}});
    ASSERT_TRUE(append({"t", i % 3}, std::move(batch)));
  }
  EXPECT_EQ(contents({"t", 1}).size(), kBatches / 3 * 20u);
  open(small);
  const auto reopened = contents({"t", 2});
  ASSERT_EQ(reopened.size(), kBatches / 3 * 20u);
  for (std::size_t i = 0; i < reopened.size(); ++i) EXPECT_EQ(reopened[i].first, Offset(i));
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
