// A partition among others, on the board that they share.
#include "projector/partition.h"

#include <gtest/gtest.h>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "projector/database.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/projector/events.h"

namespace armada_cache::projector {
namespace {

const base::JobSet kSet{"q", "set"};

class PartitionTest : public ::testing::Test {
 protected:
  PartitionTest() { options_.data_dir = folder_.path(); }

  std::unique_ptr<Partition> open() {
    const auto memory = std::make_shared<SharedMemory>();
    memory->share = share_of(options_, 1);
    return std::move(Partition::open(0, options_, memory, board_, progress_).value());
  }
  static internal::v1::RelayRecord record_in(internal::v1::RelayState state) {
    internal::v1::RelayRecord record;
    EXPECT_TRUE(topics::decode(*testing::relay(kSet, state).value, record));
    return record;
  }
  void apply(Partition& partition, internal::v1::RelayState state, eventlog::Offset offset) {
    const eventlog::Record record = testing::relay(kSet, state);
    eventlog::RecordView view;
    view.topic = topics::kRelays;
    view.offset = offset;
    view.key = record.key;
    view.value = *record.value;
    const eventlog::RecordView* views[] = {&view};
    ASSERT_TRUE(partition.apply(fold_, views));
  }
  int shown() const { return board_.find(kSet)->status.state; }

  test_support::TempDir folder_;
  Options options_;
  RelayBoard board_;
  RelayProgress progress_{1};
  Fold fold_{1000};
};

// Invariant 4: the board was kept from the log before the partition came, which is behind.
TEST_F(PartitionTest, WhatItReadsLateDoesNotTakeTheBoardBack) {
  board_.put(kSet, record_in(internal::v1::RELAY_STATE_FOLLOWING), {});
  progress_.set_position(0, 2);
  const auto partition = open();
  apply(*partition, internal::v1::RELAY_STATE_CATCHING_UP, 0);
  EXPECT_EQ(shown(), internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_EQ(progress_.position(0), 2);
  apply(*partition, internal::v1::RELAY_STATE_FOLLOWING, 1);
  EXPECT_EQ(progress_.position(0), 2);
  apply(*partition, internal::v1::RELAY_STATE_RETRYING, 2);
  EXPECT_EQ(shown(), internal::v1::RELAY_STATE_RETRYING) << "from here on it brings what is new";
  EXPECT_EQ(progress_.position(0), 3);
}

}  // namespace
}  // namespace armada_cache::projector
