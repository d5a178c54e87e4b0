// What ingest promises, shown on real parts.
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <future>

#include "tests/support/memory_log.h"
#include "tests/support/stalling_proxy.h"
#include "tests/unit/ingest/corked_log.h"
#include "tests/unit/ingest/ingest_fixture.h"

namespace armada_cache::ingest {
namespace {

TEST_F(IngestTest, RelaysAWantedJobSetOnceAndInOrder) {
  start_armada(load(1, 300));
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  subscribe(kLoad, "me");
  start_ingest();
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
  EXPECT_TRUE(is_ordered(kLoad));
  EXPECT_TRUE(eventually(kDeadline, [&] {
    const auto relay = relay_of(kLoad);
    return relay && relay->status.state == RelayState::kFollowing &&
           relay->status.cursor == sent_ids(kLoad).back();
  }));
}

TEST_F(IngestTest, GoesOnFromTheCursorAfterARestart) {
  start_armada(load(1, 50));
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  subscribe(kLoad, "me");
  start_ingest();
  ASSERT_TRUE(relays_all(kLoad));
  const auto first_generation = relay_of(kLoad)->generation;
  ingest_->stop();
  EXPECT_EQ(relay_of(kLoad)->status.state, RelayState::kRetrying);
  EXPECT_EQ(relay_of(kLoad)->status.cursor, sent_ids(kLoad).back());

  armada_->emit(kLoad, {succeeded(kLoad, "late")});
  start_ingest();
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  EXPECT_TRUE(
      eventually(kDeadline, [&] { return relay_of(kLoad)->generation == first_generation + 1; }));
}

TEST_F(IngestTest, DisconnectsInMidStreamLoseAndRepeatNothing) {
  auto options = load(3, 200);
  options.faults.disconnect_after = 97;
  start_armada(options);
  start_ingest();
  for (int i = 0; i < 3; ++i) subscribe({"q", "load-" + std::to_string(i)}, "me");
  for (int i = 0; i < 3; ++i) {
    const JobSet job_set{"q", "load-" + std::to_string(i)};
    EXPECT_TRUE(relays_all(job_set));
    EXPECT_FALSE(has_repeats(job_set));
    EXPECT_TRUE(is_ordered(job_set));
  }
}

TEST_F(IngestTest, AServerThatGoesAndComesBackIsFollowedAgain) {
  start_armada(load(1, 20));
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  armada_->stop();
  ASSERT_TRUE(reaches(kLoad, RelayState::kRetrying));
  armada_->emit(kLoad, {succeeded(kLoad, "meanwhile")});
  ASSERT_TRUE(armada_->restart().has_value());
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
}

TEST_F(IngestTest, ADeadConnectionThatNobodyClosesIsNoticed) {
  start_armada(load(1, 5));
  test_support::StallingProxy proxy(options_.armada.target);
  options_.armada.target = proxy.address();
  options_.armada.keepalive_time = 1h;
  options_.probes = {.interval = 50ms, .timeout = 500ms};
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  ASSERT_TRUE(relays_all(kLoad));
  proxy.stall();
  armada_->emit(kLoad, {succeeded(kLoad, "unheard")});
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
}

TEST_F(IngestTest, AMissingJobSetIsGoneUntilItsFirstEvent) {
  start_armada(load(1, 1));
  start_ingest();
  const JobSet later{"q", "later: with/odd äname"};
  subscribe(later, "me");
  ASSERT_TRUE(reaches(later, RelayState::kGone));
  armada_->emit(later, {succeeded(later, "job")});
  ASSERT_TRUE(reaches(later, RelayState::kFollowing));
  EXPECT_TRUE(relays_all(later));
}

// However many are wanted that Armada does not have, those that it has are followed, also when they
// come late.
TEST_F(IngestTest, JobSetsThatArmadaDoesNotHaveKeepNoPlaceFromThoseThatItHas) {
  start_armada(load(3, 2));
  options_.hub.max_job_sets = 3;
  start_ingest();
  std::vector<JobSet> missing;
  for (int i = 0; i < 20; ++i) missing.push_back({"q", "missing-" + std::to_string(i)});
  for (const JobSet& job_set : missing) subscribe(job_set, "me");
  for (const JobSet& job_set : missing) ASSERT_TRUE(reaches(job_set, RelayState::kGone));
  const JobSet another{"q", "load-1"};
  subscribe(kLoad, "me");
  subscribe(another, "me");
  EXPECT_TRUE(reaches(kLoad, RelayState::kFollowing));
  EXPECT_TRUE(reaches(another, RelayState::kFollowing));
  EXPECT_TRUE(relays_all(another));
  armada_->emit(missing[7], {succeeded(missing[7], "job")});
  EXPECT_TRUE(reaches(missing[7], RelayState::kFollowing));
  EXPECT_TRUE(relays_all(missing[7]));
}

TEST_F(IngestTest, AnUnknownQueueIsGoneUntilItExists) {
  start_armada(load(1, 1));
  start_ingest();
  const JobSet job_set{"nosuch", "s"};
  subscribe(job_set, "me");
  ASSERT_TRUE(reaches(job_set, RelayState::kGone));
  armada_->add_queue({.name = "nosuch"});
  armada_->emit(job_set, {succeeded(job_set, "job")});
  EXPECT_TRUE(relays_all(job_set));
}

TEST_F(IngestTest, RefusedPermissionIsSaidAndHarmsNoOther) {
  auto options = load(1, 10);
  options.faults.refused_queues = {"closed"};
  start_armada(options);
  armada_->add_queue({.name = "closed"});
  start_ingest();
  const JobSet closed{"closed", "s"};
  subscribe(closed, "me");
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(closed, RelayState::kRefused));
  EXPECT_NE(ingest_->status_of(closed)->last_error.find("permission_denied"), std::string::npos);
  EXPECT_TRUE(relays_all(kLoad));
}

TEST_F(IngestTest, ARotatedTokenIsTakenUp) {
  auto options = load(1, 10);
  options.users = {{.name = "cache", .password = "", .token = "new-token"}};
  start_armada(options);
  const auto file = folder_.path() / "token";
  std::ofstream(file) << "old-token\n";
  options_.credentials = {rpc::CredentialKind::kBearer, "", file};
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kRefused));
  std::ofstream(file) << "new-token\n";
  EXPECT_TRUE(reaches(kLoad, RelayState::kFollowing));
  EXPECT_TRUE(relays_all(kLoad));
}

TEST_F(IngestTest, BasicCredentialsAreSent) {
  auto options = load(1, 10);
  options.users = {{.name = "cache", .password = "secret"}};
  start_armada(options);
  const auto file = folder_.path() / "password";
  std::ofstream(file) << "secret\n";
  options_.credentials = {rpc::CredentialKind::kBasic, "cache", file};
  start_ingest();
  subscribe(kLoad, "me");
  EXPECT_TRUE(relays_all(kLoad));
}

TEST_F(IngestTest, ACredentialsFileThatIsNotThereIsARefusalThatHeals) {
  start_armada(load(1, 10));
  const auto file = folder_.path() / "token";
  options_.credentials = {rpc::CredentialKind::kBearer, "", file};
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kRefused));
  EXPECT_NE(ingest_->status_of(kLoad)->last_error.find(file.string()), std::string::npos);
  std::ofstream(file) << "any";
  EXPECT_TRUE(relays_all(kLoad));
}

TEST_F(IngestTest, AMessageOverTheMaximumStopsTheJobSetAndIsNotSkipped) {
  start_armada(load(1, 1));
  const JobSet job_set{"q", "big"};
  auto big = succeeded(job_set, "job");
  big.mutable_succeeded()->set_node_name(std::string(5'000'000, 'n'));
  armada_->emit(job_set, {succeeded(job_set, "before")});
  armada_->emit(job_set, {big});
  armada_->emit(job_set, {succeeded(job_set, "after")});
  options_.armada.max_receive_bytes = 1 << 20;
  start_ingest();
  subscribe(job_set, "me");
  ASSERT_TRUE(eventually(kDeadline, [&] {
    const auto status = ingest_->status_of(job_set);
    return status && status->last_error.find("armada-max-message-bytes") != std::string::npos;
  }));
  EXPECT_EQ(events_of(job_set).size(), 1U);
  ingest_->stop();
  options_.armada.max_receive_bytes = 16 << 20;
  start_ingest();
  EXPECT_TRUE(relays_all(job_set));
  EXPECT_FALSE(has_repeats(job_set));
}

TEST_F(IngestTest, OddMessagesGoThroughAsTheyAre) {
  auto options = load(1, 100);
  options.faults.duplicate_probability = 0.05;
  options.faults.late_probability = 0.05;
  options.faults.foreign_probability = 0.05;
  options.faults.no_job_id_probability = 0.05;
  options.faults.unknown_kind_probability = 0.05;
  start_armada(options);
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  start_ingest();
  subscribe(kLoad, "me");
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
}

TEST_F(IngestTest, UndecodableMessagesAreRelayedAndTheStreamGoesOn) {
  start_armada(load(1, 1));
  const JobSet job_set{"q", "garbage"};
  armada_->emit(job_set, {succeeded(job_set, "a")});
  armada_->emit_raw(job_set, "\xff\xff\xff garbage");
  armada_->emit(job_set, {succeeded(job_set, "b")});
  start_ingest();
  subscribe(job_set, "me");
  ASSERT_TRUE(reaches(job_set, RelayState::kFollowing));
  ASSERT_TRUE(eventually(kDeadline, [&] { return events_of(job_set).size() == 3; }));
  std::vector<std::string> keys;
  for (const auto& event : events_of(job_set)) keys.push_back(event.job_id);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("a", "", "b"));
  EXPECT_THAT(metrics_->text(), testing::HasSubstr("relayed_undecodable_total 1"));
}

TEST_F(IngestTest, UnreadableRecordsAreAllCountedAndToldOfInAFewLines) {
  start_armada(load(1, 1));
  for (int i = 0; i < 50; ++i) {
    append(topics::kSubscriptions, 0, {"\xff no key " + std::to_string(i), "no record", {}});
  }
  testing::internal::CaptureStderr();
  start_ingest();
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 10) << told;
  EXPECT_THAT(metrics_->text(), testing::HasSubstr("ingest_unreadable_records_total{topic=\"" +
                                                   std::string(topics::kSubscriptions) + "\"} 50"));
}

TEST_F(IngestTest, WhatHasNotFailedYetIsCountedAsNone) {
  start_armada(load(1, 1));
  start_ingest();
  for (const char* series :
       {"ingest_append_failures_total{code=\"unavailable\"} 0\n",
        "ingest_unreadable_records_total{topic=\"armada.relays\"} 0\n",
        "ingest_unreadable_records_total{topic=\"armada.subscriptions\"} 0\n"}) {
    EXPECT_THAT(metrics_->text(), testing::HasSubstr(series));
  }
}

TEST_F(IngestTest, TheStreamEndsWithTheLastLease) {
  start_armada(load(1, 10));
  start_ingest();
  subscribe(kLoad, "one");
  subscribe(kLoad, "two");
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  unsubscribe(kLoad, "one");
  subscribe({"q", "marker"}, "me");
  ASSERT_TRUE(reaches({"q", "marker"}, RelayState::kGone));
  EXPECT_EQ(ingest_->status_of(kLoad)->state, RelayState::kFollowing);
  unsubscribe(kLoad, "two");
  ASSERT_TRUE(reaches(kLoad, RelayState::kStopped));
  EXPECT_TRUE(eventually(kDeadline, [&] { return armada_->readers(kLoad).open == 0; }));
  EXPECT_TRUE(
      eventually(kDeadline, [&] { return relay_of(kLoad)->status.state == RelayState::kStopped; }));
}

TEST_F(IngestTest, ALeaseThatRunsOutEndsTheStream) {
  start_armada(load(1, 10));
  start_ingest();
  subscribe(kLoad, "me", 500ms);
  ASSERT_TRUE(reaches(kLoad, RelayState::kStopped));
  EXPECT_TRUE(eventually(kDeadline, [&] { return armada_->readers(kLoad).open == 0; }));
}

TEST_F(IngestTest, ManyJobSetsSpreadOverConnections) {
  start_armada(load(150, 4));
  options_.channels.streams_per_channel = 20;
  start_ingest();
  for (int i = 0; i < 150; ++i) subscribe({"q", "load-" + std::to_string(i)}, "me");
  const auto tell = [&](const std::string& metric) {
    return eventually(kDeadline,
                      [&] { return metrics_->text().find(metric) != std::string::npos; });
  };
  EXPECT_TRUE(tell("armada_cache_relays{state=\"following\"} 150")) << metrics_->text();
  EXPECT_TRUE(tell("armada_cache_ingest_streams_open 150")) << metrics_->text();
}

TEST_F(IngestTest, RevokedPartitionsAreLetGo) {
  start_armada(load(1, 10));
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kFollowing));
  ingest_->revoke({0, 1, 2, 3});
  EXPECT_TRUE(eventually(kDeadline, [&] { return armada_->readers(kLoad).open == 0; }));
  EXPECT_TRUE(eventually(kDeadline,
                         [&] { return relay_of(kLoad)->status.state == RelayState::kRetrying; }));
  ASSERT_TRUE(ingest_->assign({0, 1, 2, 3}).has_value());
  EXPECT_TRUE(reaches(kLoad, RelayState::kFollowing));
}

TEST_F(IngestTest, ParkedJobSetsHoldNoStreamAndComeBackWithARenewal) {
  start_armada(load(1, 10));
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  options_.relay.times.park_after = 50ms;
  start_ingest();
  subscribe(kLoad, "me");
  ASSERT_TRUE(reaches(kLoad, RelayState::kParked));
  EXPECT_TRUE(eventually(kDeadline, [&] { return armada_->readers(kLoad).open == 0; }));
  armada_->emit(kLoad, {succeeded(kLoad, "later")});
  subscribe(kLoad, "me");
  EXPECT_TRUE(relays_all(kLoad));
  EXPECT_FALSE(has_repeats(kLoad));
}

TEST_F(IngestTest, CredentialsAreNotSentInTheClearToOtherMachines) {
  options_.armada.target = "armada.example:50051";
  options_.credentials = {rpc::CredentialKind::kBearer, "", folder_.path() / "token"};
  options_.relay.partitions = kPartitions;
  base::Metrics metrics;
  Ingest ingest(options_, *log_, clock_, metrics, 1);
  const auto started = ingest.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, base::ErrorCode::kInvalidArgument);
}

double buffered_bytes(const base::Metrics& metrics) {
  constexpr std::string_view kName = "\narmada_cache_ingest_buffer_bytes ";
  const std::string text = metrics.text();
  return std::stod(text.substr(text.find(kName) + kName.size()));
}

TEST_F(IngestTest, MemoryIsBoundedWhileTheLogStandsStillAndNothingIsLost) {
  constexpr int kJobSets = 20;
  start_armada(load(kJobSets, 300));
  ASSERT_TRUE(eventually(kDeadline, [&] { return armada_->made(); }));
  CorkedLog corked(*log_);
  corked.cork();
  options_.relay.buffer_bytes = 256 << 10;
  options_.buffer_bytes_total = 2 << 20;
  start_ingest(corked);
  for (int i = 0; i < kJobSets; ++i) subscribe({"q", "load-" + std::to_string(i)}, "me");

  const auto limit = static_cast<double>(options_.buffer_bytes_total +
                                         kJobSets * (options_.relay.read_ahead_bytes + (16 << 10)));
  double most = 0;
  EXPECT_TRUE(eventually(kDeadline, [&] {
    most = std::max(most, buffered_bytes(*metrics_));
    return most >= static_cast<double>(options_.buffer_bytes_total);
  }));
  EXPECT_FALSE(eventually(500ms, [&] { return buffered_bytes(*metrics_) > limit; }));

  corked.uncork();
  for (int i = 0; i < kJobSets; ++i) {
    const JobSet job_set{"q", "load-" + std::to_string(i)};
    EXPECT_TRUE(relays_all(job_set));
    EXPECT_FALSE(has_repeats(job_set));
  }
  EXPECT_TRUE(eventually(kDeadline, [&] { return buffered_bytes(*metrics_) == 0; }));
  ingest_.reset();
}

TEST_F(IngestTest, AStopEndsAtItsDeadlineThoughTheLogStandsStill) {
  start_armada(load(1, 100));
  CorkedLog corked(*log_);
  corked.cork();
  options_.drain_timeout = std::chrono::hours(1);
  start_ingest(corked);
  subscribe({"q", "load-0"}, "me");
  ASSERT_TRUE(eventually(kDeadline, [&] { return buffered_bytes(*metrics_) > 0; }));
  ingest_->stop(std::chrono::steady_clock::now() + 100ms);
  ingest_.reset();
}

TEST_F(IngestTest, Invariant7StopsWhileItTakesOverFromALogThatBringsNothing) {
  test_support::MemoryLog log(clock_);
  for (const auto& topic : topics::topic_specs(1, 1h)) ASSERT_TRUE(log.ensure_topic(topic));
  const eventlog::TopicPartition relays{std::string(topics::kRelays), 0};
  log.append(relays, topics::relay_tombstone(kLoad, 1));
  log.hold(relays, 0);
  options_.armada.target = "127.0.0.1:1";
  options_.relay.partitions = 1;
  options_.follow.poll_wait = 20ms;
  metrics_ = std::make_unique<base::Metrics>();
  ingest_ = std::make_unique<Ingest>(options_, log, clock_, *metrics_, 1);
  ASSERT_TRUE(ingest_->start());
  std::atomic<int> looked = 0;
  auto assigned = std::async(std::launch::async, [&] {
    return ingest_->assign({0}, 0, [&] {
      ++looked;
      return false;
    });
  });
  ASSERT_TRUE(eventually(kDeadline, [&] { return looked >= 2; }));
  auto stopped = std::async(std::launch::async, [&] { ingest_->stop(); });
  EXPECT_EQ(stopped.wait_for(options_.replay_patience / 2), std::future_status::ready);
  EXPECT_EQ(assigned.get().error().code, base::ErrorCode::kCancelled);
  ingest_.reset();
}

}  // namespace
}  // namespace armada_cache::ingest
