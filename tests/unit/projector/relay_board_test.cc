// What the relays mean for answers, moment by moment.
#include "projector/relay_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/partitioner.h"
#include "core/topics/pulse.h"
#include "projector/job_set_cells.h"
#include "projector/visible.h"

namespace armada_cache::projector {
namespace {

using internal::v1::RelayState;
using ::testing::HasSubstr;

const base::JobSet kSet{"q-a", "set"};

internal::v1::RelayRecord record(RelayState state, std::int64_t connected = 0) {
  internal::v1::RelayRecord made;
  made.set_state(state);
  made.set_connected_us(connected);
  return made;
}

// A board whose lookups see what the test says.
class RelayBoardTest : public ::testing::Test {
 protected:
  static base::Time at(std::int64_t millis) { return base::from_unix_micros(millis * 1000); }
  static std::int64_t micros(std::int64_t millis) { return millis * 1000; }

  RelayBoardTest() {
    board_.set_visible([this] { return visible_; });
  }
  void put(RelayState state, std::int64_t connected, std::int64_t appended_millis,
           const base::JobSet& job_set = kSet) {
    board_.put(job_set, record(state, connected), {at(appended_millis)});
  }

  RelayBoard board_;
  base::Time visible_;
};

TEST_F(RelayBoardTest, Invariant4ARelayThatCaughtUpAfterTheEndsWereTakenIsInDoubt) {
  put(internal::v1::RELAY_STATE_CATCHING_UP, 0, 0);
  const std::uint64_t mark = board_.mark();
  EXPECT_NE(board_.doubt(mark), "");
  put(internal::v1::RELAY_STATE_FOLLOWING, 0, 0);
  EXPECT_THAT(board_.doubt(mark), HasSubstr("only now"));
  EXPECT_EQ(board_.doubt(board_.mark()), "");
}

TEST_F(RelayBoardTest, Invariant4ABreakBetweenTwoLooksIsNotOverlooked) {
  put(internal::v1::RELAY_STATE_FOLLOWING, 0, 0);
  const std::uint64_t mark = board_.mark();
  put(internal::v1::RELAY_STATE_FOLLOWING, 0, 0);
  EXPECT_EQ(board_.doubt(mark), "") << "only its cursor moved";
  put(internal::v1::RELAY_STATE_RETRYING, 0, 0);
  put(internal::v1::RELAY_STATE_FOLLOWING, 0, 0);
  EXPECT_NE(board_.doubt(mark), "");
}

TEST_F(RelayBoardTest, Invariant4ALimitCountsOnceWhatItVouchesForIsSeen) {
  put(internal::v1::RELAY_STATE_RETRYING, 1000, 1);
  const JobSetCell* cell = board_.hold_cell(kSet);
  visible_ = at(2);
  EXPECT_EQ(cell->limit_at(at(1)), 0);
  EXPECT_EQ(cell->limit_at(at(2)), 1000);
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 10);
  for (const std::int64_t seen : {2, 9, 10}) {
    EXPECT_EQ(cell->limit_at(at(seen)), 1000) << seen << ": its events may lie beyond";
  }
  EXPECT_EQ(cell->limit_at(at(1)), 0) << "seen before either";
  EXPECT_EQ(cell->limit_at(at(11)), RelayLimit::kNone);
  put(internal::v1::RELAY_STATE_STOPPED, 3000, 20);
  EXPECT_EQ(cell->limit_at(at(11)), 3000) << "a lower one counts at once";
  EXPECT_EQ(cell->limit_at(at(9)), 1000);
  board_.erase(kSet, at(30));
  EXPECT_EQ(cell->limit_at(at(40)), 0);
}

TEST_F(RelayBoardTest, Invariant4ASecondRiseKeepsTheSmallerLimitUntilTheFirstIsSeen) {
  put(internal::v1::RELAY_STATE_RETRYING, 1000, 1);
  const JobSetCell* cell = board_.hold_cell(kSet);
  visible_ = at(5);
  put(internal::v1::RELAY_STATE_RETRYING, 7000, 10);
  put(internal::v1::RELAY_STATE_FOLLOWING, 7000, 20);
  EXPECT_EQ(cell->limit_at(at(5)), 1000);
  EXPECT_EQ(cell->limit_at(at(20)), 1000);
  EXPECT_EQ(cell->limit_at(at(21)), RelayLimit::kNone);
  visible_ = at(21);
  put(internal::v1::RELAY_STATE_RETRYING, 9000, 30);
  put(internal::v1::RELAY_STATE_FOLLOWING, 9000, 40);
  EXPECT_EQ(cell->limit_at(at(21)), 9000) << "by now the first is seen";
}

TEST_F(RelayBoardTest, Invariant4ABreakThatIsToldOnlyWithItsEndCounts) {
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 1);
  const JobSetCell* cell = board_.hold_cell(kSet);
  visible_ = at(5);
  board_.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING, 8000),
             {at(10), RelayBoard::Source::kLog, 2000});
  EXPECT_EQ(cell->limit_at(at(5)), 2000) << "a record of the same batch told of it";
  EXPECT_EQ(cell->limit_at(at(11)), RelayLimit::kNone);
  visible_ = at(11);
  internal::v1::RelayRecord anew = record(internal::v1::RELAY_STATE_FOLLOWING, 9000);
  anew.set_state_since_us(9000);
  board_.put(kSet, anew, {at(20)});
  EXPECT_EQ(cell->limit_at(at(15)), 8000) << "compaction took the record that told of it";
  EXPECT_EQ(cell->limit_at(at(21)), RelayLimit::kNone);
  visible_ = at(21);
  put(internal::v1::RELAY_STATE_STOPPED, 12'000, 30);
  EXPECT_EQ(cell->limit_at(at(21)), 12'000) << "a break that is told of counts as it is told";
}

TEST_F(RelayBoardTest, Invariant4WhatIsOnDiskCountsUpToTheLastConnectionOnly) {
  board_.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING, 1000),
             {at(10), RelayBoard::Source::kDisk});
  const JobSetCell* cell = board_.hold_cell(kSet);
  EXPECT_EQ(cell->limit_at(at(10)), 0) << "other partitions may not be where this one is";
  EXPECT_EQ(cell->limit_at(at(11)), 1000);
}

TEST_F(RelayBoardTest, Invariant4WhatIsUnknownIsAsOfAllRelaysThatLimit) {
  const base::JobSet gone{"q-a", "gone"};
  visible_ = at(5);
  EXPECT_EQ(board_.as_of(visible_), base::from_unix_micros(RelayLimit::kNone));
  put(internal::v1::RELAY_STATE_STOPPED, 500, 1);
  EXPECT_EQ(board_.as_of(visible_), base::from_unix_micros(RelayLimit::kNone)) << "nobody wants it";
  put(internal::v1::RELAY_STATE_GONE, 1000, 2, gone);
  put(internal::v1::RELAY_STATE_RETRYING, 2000, 3);
  EXPECT_EQ(board_.as_of(visible_), base::from_unix_micros(1000));
  EXPECT_EQ(board_.doubt(board_.mark()).find("gone"), std::string::npos);
  put(internal::v1::RELAY_STATE_FOLLOWING, 2000, 20);
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 10, gone);
  EXPECT_EQ(board_.as_of(at(11)), base::from_unix_micros(1000)) << "the other is not seen";
  EXPECT_EQ(board_.as_of(at(21)), base::from_unix_micros(RelayLimit::kNone));
  EXPECT_EQ(board_.as_of_all(), base::from_unix_micros(RelayLimit::kNone));
}

TEST_F(RelayBoardTest, ACellIsUsedAgainOnceNobodyHoldsIt) {
  put(internal::v1::RELAY_STATE_STOPPED, 1000, 0);
  JobSetCell* cell = board_.hold_cell(kSet);
  EXPECT_EQ(board_.hold_cell(kSet), cell);
  cell->note_asked(7);
  board_.let_go_cell(kSet);
  EXPECT_NE(board_.hold_cell({"q-a", "another"}), cell);
  board_.let_go_cell(kSet);
  EXPECT_EQ(board_.hold_cell({"q-a", "a third"}), cell);
  EXPECT_EQ(cell->limit_at(at(100)), 0);
  EXPECT_EQ(cell->asked(), 0U);
}

TEST_F(RelayBoardTest, AskedJobSetsAreToldHoweverManyPagesTheyTake) {
  constexpr int kJobSets = 1800;
  for (int i = 0; i < kJobSets; ++i) {
    JobSetCell* cell = board_.hold_cell({"q-a", std::to_string(10'000 + i)});
    if (i % 3 == 0) cell->note_asked(7);
  }
  const auto count = [this](std::size_t limit, std::size_t scan_max) {
    std::set<base::JobSet> told;
    lookup::AskedRequest request{base::from_unix_micros(7'000'000), {}, limit};
    while (true) {
      const lookup::AskedAnswer answer = board_.asked(request, scan_max);
      EXPECT_LE(answer.job_sets.size(), std::min(limit, scan_max));
      told.insert(answer.job_sets.begin(), answer.job_sets.end());
      if (!answer.next) return told.size();
      request.after = *answer.next;
    }
  };
  EXPECT_EQ(count(10'000, 10'000), 600U);
  EXPECT_EQ(count(7, 10'000), 600U);
  EXPECT_EQ(count(600, 501), 600U);
  EXPECT_EQ(count(1, 1), 600U);
}

// Whoever reads while a cell goes from one job set to another gets neither the one's limit with the
// other's times, nor that of the other.
TEST_F(RelayBoardTest, Invariant4ACellThatIsUsedAgainTellsNothingOfAnotherJobSet) {
  const base::JobSet other{"q-a", "other"};
  put(internal::v1::RELAY_STATE_STOPPED, 1000, 0);
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 0, other);
  JobSetCells cells;
  std::atomic<JobSetNumber> number = 1;
  std::atomic<bool> wrong = false;
  std::atomic<bool> ended = false;
  std::thread reader([&] {
    while (!ended.load()) {
      const std::int64_t limit = cells.limit_at(number.load(), at(100));
      if (limit != 0 && limit != 1000) wrong = true;
    }
  });
  for (JobSetNumber next = 1; next < 60'000; next += 2) {
    cells.put(next, board_.hold_cell(kSet));
    number = next;
    cells.erase(next);
    board_.let_go_cell(kSet);
    cells.put(next + 1, board_.hold_cell(other));
    cells.erase(next + 1);
    board_.let_go_cell(other);
  }
  ended = true;
  reader.join();
  EXPECT_FALSE(wrong);
}

TEST(VisibleUpTo, Invariant4OnlyATopicThatLagsHoldsItBack) {
  const auto at = [](std::int64_t millis) { return base::from_unix_micros(millis * 1000); };
  const auto visible = [&](TopicProgress progress, std::int64_t before = 0) {
    return visible_up_to(at(100), progress, at(before));
  };
  EXPECT_EQ(visible({5, 5, at(10)}), at(100));
  EXPECT_EQ(visible({4, 5, at(10)}), at(9));
  EXPECT_EQ(visible({4, 5, at(500)}), at(100)) << "a clock that is ahead";
  EXPECT_EQ(visible({9, 5, at(30)}), at(100)) << "a log that lost its tail";
  EXPECT_EQ(visible({4, 5, at(30)}, 50), at(50)) << "it was nearer before";
}

TEST(JobSetCells, AreFoundByNumberAndTheirMemoryIsUsedAgain) {
  JobSetCells cells;
  JobSetCell cell;
  EXPECT_EQ(cells.find(1), nullptr);
  for (JobSetNumber number = 1; number < 50'000; number += 7) {
    cells.put(number, &cell);
    ASSERT_EQ(cells.find(number), &cell);
    ASSERT_EQ(cells.find(number + 1), nullptr);
    cells.erase(number);
    cells.erase(number);
    ASSERT_EQ(cells.find(number), nullptr);
  }
  cells.put(3'000'000'000, &cell);
  EXPECT_EQ(cells.find(3'000'000'000), &cell);
  EXPECT_EQ(cells.find(4'000'000'000), nullptr);
}

// Of a board that expects pulses of two partitions within five seconds.
class PulseTest : public RelayBoardTest {
 protected:
  static constexpr eventlog::Partition kCount = 2;

  PulseTest() {
    board_.expect_pulses({kCount, std::chrono::seconds(5), at(2)});
    visible_ = at(5);
  }
  void pulse(std::int64_t vouched, std::int64_t appended_millis,
             RelayBoard::Source source = RelayBoard::Source::kLog) {
    const auto home = topics::partition_of_job_set(kSet, kCount);
    board_.put(topics::pulse_of(home), record(internal::v1::RELAY_STATE_FOLLOWING, vouched),
               {at(appended_millis), source});
  }
  const JobSetCell* followed() {
    put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 1);
    return board_.hold_cell(kSet);
  }
  void look_after(std::chrono::seconds since_begin) { board_.note_silence(begin_ + since_begin); }
  std::string doubt() const { return board_.doubt(board_.mark()); }

  const std::chrono::steady_clock::time_point begin_{std::chrono::hours(1)};
};

TEST_F(PulseTest, Invariant4WhatAnIngestFollowedThatFellSilentIsInDoubt) {
  const JobSetCell* cell = followed();
  pulse(3000, 3);
  look_after(std::chrono::seconds(0));
  look_after(std::chrono::seconds(4));
  EXPECT_EQ(doubt(), "");
  EXPECT_EQ(cell->limit_at(at(5)), RelayLimit::kNone);
  pulse(4000, 4);
  look_after(std::chrono::seconds(6));
  look_after(std::chrono::seconds(10));
  EXPECT_EQ(doubt(), "") << "heard meanwhile";
  look_after(std::chrono::seconds(11));
  EXPECT_THAT(doubt(), HasSubstr("no ingest has said for 5000 ms"));
  EXPECT_EQ(cell->limit_at(at(5)), 4000) << "as of the last word";
  EXPECT_EQ(board_.find(kSet)->status.state_since, base::from_unix_micros(4000));
  EXPECT_EQ(board_.as_of(visible_), base::from_unix_micros(4000));
}

TEST_F(PulseTest, Invariant4AnIngestThatIsHeardAgainCountsOnceWhatItVouchesForIsSeen) {
  const JobSetCell* cell = followed();
  pulse(4000, 4);
  look_after(std::chrono::seconds(0));
  look_after(std::chrono::seconds(5));
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 6);
  EXPECT_NE(doubt(), "") << "what a relay says of itself does not make up for it";
  const std::uint64_t mark = board_.mark();
  pulse(9000, 10);
  EXPECT_THAT(board_.doubt(mark), HasSubstr("only now"));
  EXPECT_EQ(doubt(), "");
  EXPECT_EQ(cell->limit_at(at(9)), 4000);
  EXPECT_EQ(cell->limit_at(at(11)), RelayLimit::kNone);
}

TEST_F(PulseTest, WhatSaysThatItMayLackEventsIsLeftAsItIs) {
  pulse(4000, 4);
  put(internal::v1::RELAY_STATE_RETRYING, 2000, 5);
  look_after(std::chrono::seconds(0));
  look_after(std::chrono::seconds(5));
  EXPECT_EQ(doubt().find("no ingest"), std::string::npos);
  EXPECT_EQ(board_.find(kSet)->status.connected, base::from_unix_micros(2000));
  put(internal::v1::RELAY_STATE_STOPPED, 2000, 6);
  EXPECT_EQ(doubt(), "");
}

TEST_F(PulseTest, Invariant4AnIngestThatIsKnownFromTheDiskAloneIsSilent) {
  board_.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING, 1000),
             {at(1), RelayBoard::Source::kDisk});
  pulse(1000, 1, RelayBoard::Source::kDisk);
  look_after(std::chrono::seconds(0));
  EXPECT_NE(doubt(), "");
  pulse(9000, 4);
  EXPECT_EQ(doubt(), "");
}

TEST_F(PulseTest, Invariant4WhatAnIngestSaidBeforeThisLifeShowsNoLifeNow) {
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 1);
  pulse(1000, 1);
  look_after(std::chrono::seconds(0));
  EXPECT_THAT(doubt(), HasSubstr("no ingest has said for"));
  pulse(4000, 4);
  look_after(std::chrono::seconds(0));
  EXPECT_EQ(doubt(), "");
}

TEST_F(PulseTest, WhereNoIngestEverShowedThatItLivesNoneIsMissed) {
  put(internal::v1::RELAY_STATE_FOLLOWING, 1000, 1);
  board_.put({"", "7"}, record(internal::v1::RELAY_STATE_FOLLOWING), {at(2)});
  board_.put({"", "x"}, record(internal::v1::RELAY_STATE_FOLLOWING), {at(2)});
  look_after(std::chrono::seconds(0));
  look_after(std::chrono::seconds(60));
  EXPECT_EQ(doubt(), "");
  EXPECT_EQ(board_.counts()[2], 1) << "pulses are no relays";
}

}  // namespace
}  // namespace armada_cache::projector
