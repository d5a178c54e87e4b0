// What the relays mean for answers, moment by moment.
#include "projector/relay_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "armada_cache/internal/v1/records.pb.h"
#include "projector/job_set_cells.h"

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

TEST(RelayBoard, Invariant4ARelayThatCaughtUpAfterTheEndsWereTakenIsInDoubt) {
  RelayBoard board;
  board.put(kSet, record(internal::v1::RELAY_STATE_CATCHING_UP));
  const std::uint64_t mark = board.mark();
  EXPECT_NE(board.doubt(mark), "");
  board.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING));
  EXPECT_THAT(board.doubt(mark), HasSubstr("only now"));
  EXPECT_EQ(board.doubt(board.mark()), "");
}

TEST(RelayBoard, Invariant4ABreakBetweenTwoLooksIsNotOverlooked) {
  RelayBoard board;
  board.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING));
  const std::uint64_t mark = board.mark();
  board.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING));
  EXPECT_EQ(board.doubt(mark), "") << "only its cursor moved";
  board.put(kSet, record(internal::v1::RELAY_STATE_RETRYING));
  board.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING));
  EXPECT_NE(board.doubt(mark), "");
}

TEST(RelayBoard, Invariant4ALimitThatRoseAfterTheQuestionCountsAsItWas) {
  RelayBoard board;
  board.put(kSet, record(internal::v1::RELAY_STATE_RETRYING, 1000));
  const JobSetCell* cell = board.hold_cell(kSet);
  const std::uint64_t mark = board.mark();
  EXPECT_EQ(cell->limit_at(mark), 1000);
  board.put(kSet, record(internal::v1::RELAY_STATE_FOLLOWING, 2000));
  EXPECT_EQ(cell->limit_at(mark), 1000);
  EXPECT_EQ(cell->limit_at(board.mark()), JobSetCell::kNoLimit);
  board.put(kSet, record(internal::v1::RELAY_STATE_STOPPED, 3000));
  EXPECT_EQ(cell->limit_at(board.mark()), 3000);
  board.erase(kSet);
  EXPECT_EQ(cell->limit_at(board.mark()), 0);
}

TEST(RelayBoard, ACellIsUsedAgainOnceNobodyHoldsIt) {
  RelayBoard board;
  board.put(kSet, record(internal::v1::RELAY_STATE_STOPPED, 1000));
  JobSetCell* cell = board.hold_cell(kSet);
  EXPECT_EQ(board.hold_cell(kSet), cell);
  cell->note_asked(7);
  board.let_go_cell(kSet);
  EXPECT_NE(board.hold_cell({"q-a", "another"}), cell);
  board.let_go_cell(kSet);
  EXPECT_EQ(board.hold_cell({"q-a", "a third"}), cell);
  EXPECT_EQ(cell->limit_at(board.mark()), 0);
  EXPECT_EQ(cell->asked(), 0U);
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

}  // namespace
}  // namespace armada_cache::projector
