#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/partitioner.h"
#include "core/topics/relay_generation.h"
#include "tests/unit/ingest/relay_hub_fixture.h"

namespace armada_cache::ingest {
namespace {

TEST_F(RelayHubTest, OpensNothingBeforeEverythingIsRead) {
  lease(kA, "x", 1h);
  EXPECT_EQ(armada_.count(), 0U);
  go();
  EXPECT_EQ(armada_.count(), 1U);
}

TEST_F(RelayHubTest, ARelayLivesAsLongAsOneLease) {
  go();
  lease(kA, "x", 1h);
  lease(kA, "y", 1h);
  end(kA, "x");
  EXPECT_TRUE(armada_.is_open());
  end(kA, "y");
  EXPECT_FALSE(armada_.is_open());
  EXPECT_TRUE(hub_.is_idle());
  EXPECT_EQ(last_record(kA).status.state, RelayState::kStopped);
}

TEST_F(RelayHubTest, ALeaseThatIsNotRenewedEndsByItself) {
  go();
  lease(kA, "x", 10s);
  ASSERT_TRUE(hub_.next_wake());
  pass(9s);
  EXPECT_TRUE(armada_.is_open());
  lease(kA, "x", 10s);
  pass(2s);
  EXPECT_TRUE(armada_.is_open());
  EXPECT_LE(*hub_.next_wake(), clock_.now() + 8s);
  pass(8s);
  EXPECT_FALSE(armada_.is_open());
}

TEST_F(RelayHubTest, GoesOnFromTheStoredCursorWithAHigherGeneration) {
  StoredRelay stored;
  stored.status.cursor = "9:0:0:1";
  stored.generation = 6;
  hub_.take({topics::partition_of_job_set(kA, 4)}, 3);
  hub_.restore(kA, stored);
  StoredRelay older;
  older.status.cursor = "3:0:0:1";
  older.generation = 5;
  hub_.restore(kA, older);
  lease(kA, "x", 1h);
  go();
  EXPECT_EQ(armada_.last().request.from, "9:0:0:1");
  EXPECT_EQ(last_record(kA).generation, 7);
}

TEST_F(RelayHubTest, ItsRecordsCanBeReadAfterTheLastGenerationToo) {
  StoredRelay stored;
  stored.generation = topics::kMaxRelayGeneration;
  hub_.take({topics::partition_of_job_set(kA, 4)}, 3);
  hub_.restore(kA, stored);
  lease(kA, "x", 1h);
  go();
  EXPECT_EQ(last_record(kA).generation, topics::kMaxRelayGeneration);
}

TEST_F(RelayHubTest, WhatNobodyWantsAnyMoreIsSaidToBeStopped) {
  StoredRelay stored;
  stored.status.state = RelayState::kFollowing;
  stored.status.cursor = "9:0:0:1";
  hub_.restore(kA, stored);
  go();
  EXPECT_EQ(armada_.count(), 0U);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kStopped);
  EXPECT_EQ(last_record(kA).status.cursor, "9:0:0:1");
}

TEST_F(RelayHubTest, AStoppedJobSetGoesOnFromWhereItWas) {
  go();
  lease(kA, "x", 1h);
  api::EventStreamMessage message;
  message.set_id("4:0:0:0");
  armada_.send({message.SerializeAsString()});
  thread_.run_all();
  end(kA, "x");
  lease(kA, "x", 1h);
  ASSERT_TRUE(armada_.is_open());
  EXPECT_EQ(armada_.last().request.from, "4:0:0:0");
}

TEST_F(RelayHubTest, TooManyJobSetsWaitForTheirTurnAndSaySo) {
  const JobSet third{"q", "c"};
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  lease(third, "x", 1h);
  EXPECT_EQ(armada_.count(), 2U);
  EXPECT_EQ(last_record(third).status.state, RelayState::kRetrying);
  EXPECT_NE(last_record(third).status.last_error.find("max-job-sets"), std::string::npos);
  end(kA, "x");
  EXPECT_EQ(armada_.count(), 3U);
  EXPECT_EQ(armada_.last().request.job_set, third);
}

TEST_F(RelayHubTest, AJobSetThatWaitsForItsTurnSaysSoAgainWhenAsked) {
  const JobSet third{"q", "c"};
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  lease(third, "x", 1h);
  const std::size_t told = log_.records(topics::kRelays).size();
  end(third, "");  // a wake
  EXPECT_EQ(log_.records(topics::kRelays).size(), told + 1);
  EXPECT_EQ(last_record(third).status.state, RelayState::kRetrying);
  EXPECT_NE(last_record(third).status.last_error.find("max-job-sets"), std::string::npos);
}

TEST_F(RelayHubTest, AJobSetThatWaitedForItsTurnIsStoppedWithItsLastLease) {
  const JobSet third{"q", "c"};
  const JobSet fourth{"q", "d"};
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  lease(third, "x", 1h);
  lease(fourth, "x", 10s);
  end(third, "x");
  EXPECT_EQ(last_record(third).status.state, RelayState::kStopped);
  EXPECT_EQ(last_record(third).status.last_error, "");
  pass(11s);
  EXPECT_EQ(last_record(fourth).status.state, RelayState::kStopped) << "ended by itself";
  lease(fourth, "x", 10s);
  EXPECT_EQ(last_record(fourth).status.state, RelayState::kRetrying);
  end(kA, "x");
  EXPECT_EQ(last_record(fourth).status.state, RelayState::kCatchingUp);
}

TEST_F(RelayHubTest, AJobSetWhoseLeaseEndedWhileItWaitedGetsNoTurn) {
  const JobSet third{"q", "c"};
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  lease(third, "x", 10s);
  clock_.advance(11s);
  end(kA, "x");
  EXPECT_EQ(armada_.count(), 2U);
  EXPECT_EQ(last_record(third).status.state, RelayState::kStopped);
}

TEST_F(RelayHubTest, WhatTheLogRefusedIsWrittenLaterAndOnlyTheNewestOfIt) {
  ASSERT_NO_FATAL_FAILURE(be_refused_the_end_of(kA));
  EXPECT_TRUE(log_.waiting.empty()) << "not again at once";
  ASSERT_TRUE(hub_.next_wake());
  EXPECT_LE(*hub_.next_wake(), clock_.now() + HubOptions{}.records.backoff.base);
  log_.uncork();
  pass(HubOptions{}.records.backoff.base);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kStopped);
}

// A relay that begins writes its own records: a refused one of before would come after them.
TEST_F(RelayHubTest, ARefusedRecordIsNotWrittenOverThatOfANewRelay) {
  ASSERT_NO_FATAL_FAILURE(be_refused_the_end_of(kA));
  log_.uncork();
  lease(kA, "x", 1h);
  pass(1min);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kCatchingUp);
}

TEST_F(RelayHubTest, ReleasingLeavesWordForWhoeverComesNext) {
  go();
  lease(kA, "x", 1h);
  hub_.release_all();
  thread_.run_all();
  EXPECT_TRUE(hub_.is_idle());
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
}

TEST_F(RelayHubTest, RevokedPartitionsAreLetGoAndTheOthersKept) {
  const auto partition = topics::partition_of_job_set(kA, 4);
  ASSERT_NE(partition, topics::partition_of_job_set(kB, 4));
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  hub_.revoke({partition});
  thread_.run_all();
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
  EXPECT_EQ(state(kB), RelayState::kCatchingUp);
  EXPECT_TRUE(armada_.is_open());
}

// Somebody else may have it: what is written behind that one's record, compaction keeps alone.
TEST_F(RelayHubTest, NothingMoreIsWrittenOfPartitionsThatWereLost) {
  const auto partition = topics::partition_of_job_set(kA, 4);
  ASSERT_NE(partition, topics::partition_of_job_set(kB, 4));
  hub_.take({partition}, 5);
  go();
  lease(kA, "x", 1h);
  lease(kB, "x", 1h);
  const std::size_t written = log_.records(topics::kRelays).size();
  hub_.revoke({partition}, true);
  thread_.run_all();
  EXPECT_EQ(log_.records(topics::kRelays).size(), written);
  EXPECT_FALSE(hub_.status_of(kA));
  EXPECT_EQ(state(kB), RelayState::kCatchingUp);
  hub_.take({partition}, 7);
  lease(kA, "x", 1h);
  go();
  EXPECT_EQ(last_record(kA).status.state, RelayState::kCatchingUp);
  EXPECT_EQ(last_record(kA).generation, 7);
}

TEST_F(RelayHubTest, APartitionThatComesBackBeforeItsRelayHasEndedIsRelayedOn) {
  const auto partition = topics::partition_of_job_set(kA, 4);
  go();
  lease(kA, "x", 1h);
  const StoredRelay stored = last_record(kA);
  log_.cork();
  hub_.revoke({partition});
  thread_.run_all();
  hub_.take({partition}, 0);
  hub_.restore(kA, stored);
  lease(kA, "x", 1h);
  go();
  log_.uncork();
  thread_.run_all();
  EXPECT_EQ(state(kA), RelayState::kCatchingUp);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kCatchingUp);
  for (const auto& record : log_.records(topics::kRelays)) {
    EXPECT_NE(decode_relay(record.value.value())->status.state, RelayState::kStopped);
  }
}

// What a former owner still writes must not look as new as the records of the one that has it now.
TEST_F(RelayHubTest, APartitionKeepsItsGenerationWhileOthersGetNewerOnes) {
  const auto of_a = topics::partition_of_job_set(kA, 4);
  const auto of_b = topics::partition_of_job_set(kB, 4);
  ASSERT_NE(of_a, of_b);
  hub_.take({of_a}, 5);
  go();
  lease(kA, "x", 1h);
  hub_.take({of_b}, 9);
  go();
  lease(kB, "x", 1h);
  EXPECT_EQ(last_record(kB).generation, 9);
  hub_.revoke({of_a});
  thread_.run_all();
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
  EXPECT_EQ(last_record(kA).generation, 5);
  hub_.take({of_a}, 10);
  lease(kA, "x", 1h);
  EXPECT_EQ(last_record(kA).generation, 10);
}

TEST_F(RelayHubTest, LongEndedLeasesAreRemovedFromTheTopic) {
  go();
  lease(kA, "x", 1s);
  lease(kB, "x", 24h);
  pass(1s);
  lease(kA, "y", 2h);
  pass(2h);
  const auto records = log_.records(topics::kSubscriptions);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(records[0].value);
  EXPECT_EQ(records[0].key, topics::encode_key(topics::SubscriptionName{kA, "x"}));
}

// The renewal was in the log before the removal, which was written without knowing of it.
TEST_F(RelayHubTest, ARenewalOutlivesTheRemovalThatOverwroteIt) {
  go();
  lease(kA, "x", 1s);
  const base::Time ended = clock_.now() + 1s;
  pass(2h);
  ASSERT_EQ(log_.records(topics::kSubscriptions).size(), 1U);
  lease(kA, "x", 1h);
  const base::Time renewed = clock_.now() + 1h;
  EXPECT_TRUE(armada_.is_open());
  hub_.on_removal({kA, "x"}, ended);
  thread_.run_all();
  EXPECT_TRUE(armada_.is_open());
  const auto records = log_.records(topics::kSubscriptions);
  ASSERT_EQ(records.size(), 2U);
  internal::v1::SubscriptionRecord record;
  ASSERT_TRUE(topics::decode(records[1].value.value(), record));
  EXPECT_EQ(record.lease_expires_us(), base::to_unix_micros(renewed));
}

TEST_F(RelayHubTest, ARenewalThatWasOverwrittenBeforeATakeOverIsWrittenAnew) {
  lease(kA, "x", 1h);
  hub_.on_removal({kA, "x"}, clock_.now() - 1h);
  lease(kB, "x", 1h);
  hub_.on_removal({kB, "x"}, clock_.now() - 1h);
  end(kB, "x");
  go();
  const auto records = log_.records(topics::kSubscriptions);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, topics::encode_key(topics::SubscriptionName{kA, "x"}));
  EXPECT_TRUE(records[0].value);
}

TEST_F(RelayHubTest, ARemovalEndsALeaseThatWasNotRenewed) {
  go();
  lease(kA, "x", 1h);
  hub_.on_removal({kA, "x"}, clock_.now() + 1h);
  thread_.run_all();
  EXPECT_FALSE(armada_.is_open());
  EXPECT_TRUE(log_.records(topics::kSubscriptions).empty());
}

TEST_F(RelayHubTest, JobSetsThatWereStoppedLongAgoAreForgotten) {
  hub_.take({topics::partition_of_job_set(kA, 4)}, 4);
  go();
  lease(kA, "x", 1h);
  api::EventStreamMessage message;
  message.set_id("4:0:0:0");
  armada_.send({message.SerializeAsString()});
  thread_.run_all();
  end(kA, "x");
  pass(HubOptions{}.relay_retention - 1min);
  EXPECT_TRUE(hub_.status_of(kA));
  pass(2min);
  EXPECT_FALSE(hub_.status_of(kA));
  const auto records = log_.records(topics::kRelays);
  EXPECT_EQ(records.back().key, topics::encode_key(kA));
  EXPECT_FALSE(records.back().value);
  EXPECT_EQ(records.back().headers, (std::vector<eventlog::Header>{{"generation", "4"}}));
  lease(kA, "x", 1h);
  EXPECT_EQ(armada_.last().request.from, "") << "its stream is read from the start";
}

TEST_F(RelayHubTest, WhatALogForgotIsForgotten) {
  StoredRelay stored;
  stored.status.cursor = "9:0:0:1";
  hub_.restore(kA, stored);
  hub_.forget(kA, std::nullopt);
  lease(kA, "x", 1h);
  go();
  EXPECT_EQ(armada_.last().request.from, "");
}

TEST_F(RelayHubTest, WhatAFormerOwnerForgotIsKnown) {
  StoredRelay stored;
  stored.status.cursor = "9:0:0:1";
  stored.generation = 6;
  hub_.restore(kA, stored);
  hub_.forget(kA, 5);
  lease(kA, "x", 1h);
  go();
  EXPECT_EQ(armada_.last().request.from, "9:0:0:1");
  hub_.forget(kB, 8);
  lease(kB, "x", 1h);
  EXPECT_EQ(last_record(kB).generation, 9);
}

TEST_F(RelayHubTest, AJobSetOfARevokedPartitionIsNotForgottenForItsNewOwner) {
  go();
  lease(kA, "x", 1h);
  log_.cork();
  end(kA, "x");
  hub_.revoke({topics::partition_of_job_set(kA, 4)});
  log_.uncork();
  thread_.run_all();
  pass(2 * HubOptions{}.relay_retention);
  EXPECT_TRUE(log_.records(topics::kRelays).back().value);
}

}  // namespace
}  // namespace armada_cache::ingest
