// An ingest shows for each of its partitions that it lives, while the log has what it read.
#include "core/topics/pulse.h"

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/partitioner.h"
#include "tests/unit/ingest/relay_hub_fixture.h"

namespace armada_cache::ingest {
namespace {

class PulseTest : public RelayHubTest {
 protected:
  PulseTest() { pulsing_.take({home_, other_}, 3); }

  void go_on(base::Duration time) {
    clock_.advance(time);
    pulsing_.on_time();
    thread_.run_all();
  }
  void follow() {
    internal::v1::SubscriptionRecord record;
    record.set_lease_expires_us(base::to_unix_micros(clock_.now() + 1h));
    pulsing_.on_subscription({kA, "x"}, record);
    pulsing_.go();
    thread_.run_all();
    armada_.end();  // all that there was
    thread_.run_all();
    armada_.last().alive_at = clock_.now();
  }
  // By a former owner.
  void restore_followed() {
    StoredRelay stored;
    stored.status.state = RelayState::kFollowing;
    pulsing_.restore(kA, stored);
  }
  void send(const std::string& id) {
    api::EventStreamMessage message;
    message.set_id(id);
    message.mutable_message()->mutable_running()->set_job_id("job");
    armada_.send({message.SerializeAsString()});
    thread_.run_all();
  }
  std::size_t pulses(eventlog::Partition of) {
    return static_cast<std::size_t>(
        std::ranges::count_if(log_.records(topics::kRelays), [&](const eventlog::Record& record) {
          return record.key == topics::encode_key(topics::pulse_of(of));
        }));
  }

  const eventlog::Partition home_ = topics::partition_of_job_set(kA, 4);
  const eventlog::Partition other_ = (home_ + 1) % 4;
  RelayHub pulsing_{{.max_job_sets = 2, .pulse_interval = 1s}, services_, 1};
};

TEST_F(PulseTest, EachPartitionHasOneAtTheInterval) {
  EXPECT_EQ(pulses(home_), 0U) << "nothing is restored yet";
  follow();
  ASSERT_EQ(pulsing_.status_of(kA)->state, RelayState::kFollowing);
  go_on(1s);
  const std::size_t before = pulses(home_);
  EXPECT_GE(before, 1U);
  go_on(500ms);
  EXPECT_EQ(pulses(home_), before);
  go_on(500ms);
  EXPECT_EQ(pulses(home_), before + 1);
  EXPECT_EQ(pulses(other_), before + 1);
  const StoredRelay last = last_record(topics::pulse_of(home_));
  EXPECT_EQ(last.generation, 3);
  EXPECT_EQ(last.status.connected_at, armada_.last().alive_at) << "all that is known to have come";
  EXPECT_LE(*pulsing_.next_wake(), clock_.now() + 1s);
}

TEST_F(PulseTest, Invariant4NoneIsWrittenWhileEventsAreOnTheirWayToTheLog) {
  follow();
  go_on(1s);
  log_.cork();
  send("1:0:0:0");
  go_on(2s);
  log_.uncork();
  const std::size_t before = pulses(home_);
  log_.cork();
  send("2:0:0:0");
  go_on(1s);
  log_.uncork();
  thread_.run_all();
  EXPECT_EQ(pulses(home_), before + 1) << "only just on their way";
  log_.cork();
  send("3:0:0:0");
  go_on(5s);
  log_.uncork();
  thread_.run_all();
  EXPECT_EQ(pulses(home_), before + 1) << "for too long";
}

TEST_F(PulseTest, Invariant4NoneIsWrittenBehindWhatARelayDoesNotSayAnyMore) {
  restore_followed();
  log_.cork();
  follow();
  log_.fail(0);  // the word that it catches up
  thread_.run_all();
  log_.uncork();
  go_on(500ms);
  EXPECT_EQ(pulses(home_), 0U);
  EXPECT_EQ(pulses(other_), 1U);
  go_on(1s);
  EXPECT_EQ(pulses(home_), 1U) << "it was tried again";
}

TEST_F(PulseTest, Invariant4NoneIsWrittenBehindWhatNobodyFollowsAnyMore) {
  restore_followed();
  log_.cork();
  pulsing_.go();
  thread_.run_all();
  log_.fail(0);  // the word that it has stopped
  thread_.run_all();
  log_.uncork();
  go_on(0s);
  EXPECT_EQ(pulses(home_), 0U);
  EXPECT_EQ(pulses(other_), 1U);
  go_on(10s);
  EXPECT_EQ(pulses(home_), 1U);
}

TEST_F(PulseTest, NoneWaitsForRecordsThatComeBeforeItAnyway) {
  log_.cork();
  follow();
  go_on(0s);
  log_.acknowledge_all();
  const auto in_order = log_.records(topics::kRelays);
  ASSERT_EQ(pulses(home_), 1U);
  EXPECT_EQ(in_order.front().key, topics::encode_key(kA)) << "whoever reads it has read this";
}

TEST_F(PulseTest, APartitionThatTakesNothingHoldsUpNoOther) {
  follow();
  go_on(1s);
  log_.cork();
  go_on(1s);
  const std::size_t kept = pulses(other_);
  const auto of_other = std::ranges::find(
      log_.waiting, other_, [](const FakeAppender::Append& at) { return at.to.partition; });
  ASSERT_NE(of_other, log_.waiting.end());
  log_.acknowledge(static_cast<std::size_t>(of_other - log_.waiting.begin()));
  go_on(1s);
  const std::size_t stuck = log_.waiting.size();
  go_on(5s);
  EXPECT_EQ(log_.waiting.size(), stuck) << "one to a partition is on its way";
  log_.uncork();
  EXPECT_EQ(pulses(other_), kept + 2);
}

TEST_F(PulseTest, Invariant4WhatIsNoLongerWantedIsVouchedForNoFurtherThanItWasRead) {
  follow();
  go_on(1s);
  const base::Time read_until = clock_.now();
  armada_.last().alive_at = read_until;
  log_.cork();
  send("1:0:0:0");
  clock_.advance(100ms);
  pulsing_.on_subscription({kA, "x"}, std::nullopt);
  thread_.run_all();
  go_on(900ms);
  log_.acknowledge_all();
  EXPECT_LE(last_record(topics::pulse_of(home_)).status.connected_at, read_until);
  const std::size_t before = pulses(home_);
  EXPECT_GE(before, 2U);
}

TEST_F(PulseTest, Invariant4WhatWaitsBehindAGroupIsVouchedForNoFurtherThanThatLeft) {
  follow();
  go_on(1s);
  const base::Time left = clock_.now();
  log_.cork();
  send("1:0:0:0");
  clock_.advance(100ms);
  send("2:0:0:0");
  clock_.advance(800ms);
  armada_.last().alive_at = clock_.now();
  log_.acknowledge(0);
  thread_.run_all();
  go_on(100ms);
  ASSERT_EQ(log_.waiting.front().to.topic, topics::kEvents) << "the second";
  log_.acknowledge_all();
  EXPECT_EQ(last_record(topics::pulse_of(home_)).status.connected_at, left);
}

TEST_F(PulseTest, Invariant4ARecordThatMayBeThereAllTheSameIsNotTakenForTheOneBefore) {
  follow();
  go_on(1s);
  armada_.end(base::ErrorCode::kUnavailable);
  thread_.run_all();
  log_.cork();
  clock_.advance(400ms);
  pulsing_.on_time();
  thread_.run_all();
  while (!log_.waiting.empty()) log_.fail(0);
  thread_.run_all();
  log_.uncork();
  const std::size_t before = pulses(home_);
  go_on(500ms);
  EXPECT_EQ(pulses(home_), before);
}

TEST_F(PulseTest, AClockThatIsSetBackEndsThemNot) {
  follow();
  go_on(1s);
  const std::size_t before = pulses(other_);
  go_on(-1h);
  EXPECT_EQ(pulses(other_), before + 1);
  go_on(1s);
  EXPECT_EQ(pulses(other_), before + 2);
}

TEST_F(PulseTest, PartitionsThatAreLetGoHaveNoneAnyMore) {
  follow();
  go_on(1s);
  pulsing_.revoke({home_});
  thread_.run_all();
  const std::size_t left = pulses(home_);
  const std::size_t kept = pulses(other_);
  go_on(1s);
  EXPECT_EQ(pulses(home_), left);
  EXPECT_EQ(pulses(other_), kept + 1);
  pulsing_.release_all();
  thread_.run_all();
  go_on(1s);
  EXPECT_EQ(pulses(other_), kept + 1);
}

}  // namespace
}  // namespace armada_cache::ingest
