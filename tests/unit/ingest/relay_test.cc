// A relay between an Armada and a log that do as they are told.
#include "ingest/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "armada/api/event.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/ingest/fakes.h"

namespace armada_cache::ingest {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const base::JobSet kJobSet{"q", "s"};
constexpr eventlog::Partition kPartitions = 8;

std::string message(int number, const std::string& job = "job", std::size_t padding = 0) {
  api::EventStreamMessage event;
  event.set_id(std::to_string(number) + ":0:0:0");
  event.mutable_message()->mutable_running()->set_job_id(job);
  event.mutable_message()->mutable_running()->set_node_name(std::string(padding, 'n'));
  return event.SerializeAsString();
}

class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    services_.options.partitions = kPartitions;
    services_.options.cluster = "c";
  }

  void start(const RelayStatus& stored = {}) {
    relay_ = std::make_shared<Relay>(services_, kJobSet, stored, 1);
    relay_->start();
    run();
  }
  void follow() {
    start();
    armada_.end();
    run();
    ASSERT_EQ(relay_->status().state, RelayState::kFollowing);
  }
  void run() { thread_.run_all(); }
  void send(std::vector<std::string> messages) {
    armada_.send(std::move(messages));
    run();
  }
  void pass(base::Duration time) {
    clock_.advance(time);
    relay_->on_time();
    run();
  }
  RelayStatus last_record() { return decode_relay(*records().back().value)->status; }
  std::vector<eventlog::Record> records() { return log_.records(topics::kRelays); }
  std::vector<std::string> relayed() {
    std::vector<std::string> values;
    for (const auto& record : log_.records(topics::kEvents)) values.push_back(*record.value);
    return values;
  }

  FakeThread thread_;
  FakeArmada armada_;
  FakeAppender log_;
  test_support::ManualClock clock_;
  BufferBudget budget_{1 << 20};
  base::Metrics registry_;
  RelayMetrics metrics_{registry_};
  RelayServices services_{{},       armada_, log_,           clock_,       budget_,
                          metrics_, {},      thread_.post(), [](Relay&) {}};
  std::shared_ptr<Relay> relay_;
};

TEST_F(RelayTest, RelaysVerbatimKeyedByJobAndNamesItsSource) {
  start();
  const std::string odd = message(2, "b") + std::string("\x9a\x06\x01x", 4);
  send({message(1, "a"), odd});
  EXPECT_THAT(relayed(), testing::UnorderedElementsAre(message(1, "a"), odd));
  for (const auto& [to, record] : log_.stored) {
    if (to.topic != topics::kEvents) continue;
    EXPECT_EQ(to.partition, topics::partition_of_job(record.key, kPartitions));
  }
}

TEST_F(RelayTest, UndecodableMessagesAndThoseWithoutAJobGoToTheJobSetsPartition) {
  start();
  send({"\xff\xff", message(1, "")});
  const auto stored = log_.records(topics::kEvents);
  ASSERT_EQ(stored.size(), 2U);
  for (const auto& [to, record] : log_.stored) {
    if (to.topic != topics::kEvents) continue;
    EXPECT_EQ(record.key, "");
    EXPECT_EQ(to.partition, topics::partition_of_job_set(kJobSet, kPartitions));
  }
  EXPECT_THAT(registry_.text(), testing::HasSubstr("relayed_undecodable_total 1"));
  EXPECT_EQ(relay_->status().cursor, "1:0:0:0");
}

TEST_F(RelayTest, ResumesAfterTheStoredCursor) {
  RelayStatus stored;
  stored.cursor = "5:1:2:1";
  start(stored);
  EXPECT_EQ(armada_.last().request.from, "5:1:2:1");
}

TEST_F(RelayTest, AStoredCursorThatIsNoIdIsNotSentToArmada) {
  RelayStatus stored;
  stored.cursor = "-1:0:0:1";
  start(stored);
  EXPECT_EQ(armada_.last().request.from, "");
}

TEST_F(RelayTest, ACursorThatArmadaCannotReadStartsAgainFromTheBeginning) {
  RelayStatus stored;
  stored.cursor = "5:1:2:1";
  start(stored);
  armada_.end(base::ErrorCode::kUnknown, "Could not convert legacy message id 5:1:2:1");
  EXPECT_EQ(last_record().cursor, "");
  pass(1s);
  EXPECT_EQ(armada_.last().request.from, "");
}

TEST_F(RelayTest, TheCursorWaitsForEveryPartitionsAcknowledgement) {
  log_.cork();
  start();
  log_.acknowledge_all();
  run();
  send({message(1, "a"), message(2, "b"), message(3, "c")});
  ASSERT_GT(log_.waiting.size(), 1U) << "the jobs should lie in different partitions";
  while (log_.waiting.size() > 1) log_.acknowledge(log_.waiting.size() - 1);
  run();
  EXPECT_EQ(relay_->status().cursor, "");
  log_.acknowledge(0);
  run();
  EXPECT_EQ(relay_->status().cursor, "3:0:0:0");
}

TEST_F(RelayTest, FollowingIsSaidOnlyAfterTheCatchUpIsAcknowledged) {
  start();
  log_.cork();
  send({message(1)});
  armada_.end();
  run();
  EXPECT_EQ(relay_->status().state, RelayState::kCatchingUp);
  log_.uncork();
  run();
  EXPECT_EQ(relay_->status().state, RelayState::kFollowing);
  EXPECT_TRUE(armada_.last().request.watch);
  EXPECT_EQ(armada_.last().request.from, "1:0:0:0");
  EXPECT_EQ(last_record().state, RelayState::kFollowing);
  EXPECT_EQ(last_record().cursor, "1:0:0:0");
}

TEST_F(RelayTest, CursorsAreWrittenAtMostOnceAnInterval) {
  follow();
  const std::size_t before = records().size();
  for (int i = 1; i <= 50; ++i) {
    send({message(i)});
    pass(1ms);
  }
  EXPECT_LE(records().size(), before + 1);
  pass(services_.options.cursor_interval);
  EXPECT_EQ(last_record().cursor, "50:0:0:0");
  EXPECT_LE(records().size(), before + 2);
}

TEST_F(RelayTest, StopsReadingWhileItsBufferIsFull) {
  services_.options.buffer_bytes = 256 << 10;
  follow();
  log_.cork();
  std::size_t sent = 0;
  for (int i = 1; armada_.last().granted > sent; ++i) {
    const std::string text = message(i, "job", 20'000);
    sent += cost_of(text);
    send({text});
    ASSERT_LT(i, 1000) << "it never stops";
  }
  EXPECT_GE(budget_.held(), services_.options.buffer_bytes);
  EXPECT_LE(budget_.held(), services_.options.buffer_bytes + services_.options.read_ahead_bytes +
                                cost_of(message(1, "job", 20'000)));
  EXPECT_EQ(log_.waiting.size(), 1U) << "one group is under way, the rest waits";
  const std::size_t granted = armada_.last().granted;
  log_.uncork();
  run();
  EXPECT_GT(armada_.last().granted, granted);
  EXPECT_EQ(budget_.held(), 0U);
}

// Invariant 4: what waits in Armada for room is not in the log, and nobody may think that it is.
TEST_F(RelayTest, SaysThatItIsBehindWhileEventsFindNoRoomAndLosesNone) {
  services_.options.buffer_bytes = 64 << 10;
  follow();
  log_.cork();
  std::vector<std::string> sent;
  for (std::size_t cost = 0; armada_.last().granted > cost; cost += cost_of(sent.back())) {
    sent.push_back(message(static_cast<int>(sent.size()) + 1, "job", 20'000));
    send({sent.back()});
  }
  const std::size_t streams = armada_.count();
  ASSERT_LE(*relay_->wake_at(), clock_.now() + services_.options.times.held_back_after);
  pass(services_.options.times.held_back_after);
  EXPECT_EQ(relay_->status().state, RelayState::kCatchingUp);
  EXPECT_EQ(armada_.count(), streams + 1);
  EXPECT_EQ(armada_.last().request.from, std::to_string(sent.size()) + ":0:0:0");
  EXPECT_FALSE(armada_.last().request.watch);
  log_.uncork();
  run();
  EXPECT_EQ(last_record().state, RelayState::kCatchingUp);
  EXPECT_GT(armada_.last().granted, 0U);
  sent.push_back(message(static_cast<int>(sent.size()) + 1));
  send({sent.back()});
  armada_.end();
  run();
  EXPECT_EQ(relay_->status().state, RelayState::kFollowing);
  EXPECT_EQ(last_record().state, RelayState::kFollowing);
  EXPECT_EQ(relayed(), sent);
}

TEST_F(RelayTest, StopsReadingWhileTheProcessHoldsTooMuch) {
  budget_.hold(2 << 20);
  start();
  EXPECT_EQ(armada_.last().granted, 0U);
  budget_.release(2 << 20);
  EXPECT_EQ(armada_.last().granted, services_.options.read_ahead_bytes);
}

TEST_F(RelayTest, AFailedAppendGoesBackToTheCursorAndLosesNothing) {
  follow();
  send({message(1)});
  log_.cork();
  send({message(2)});
  send({message(3)});
  log_.fail(0);
  run();
  EXPECT_FALSE(armada_.is_open());
  EXPECT_EQ(relay_->status().state, RelayState::kRetrying);
  EXPECT_EQ(budget_.held(), 0U);
  log_.uncork();
  pass(1s);
  ASSERT_TRUE(armada_.is_open());
  EXPECT_EQ(armada_.last().request.from, "1:0:0:0");
  send({message(2), message(3)});
  EXPECT_THAT(relayed(), ElementsAre(message(1), message(2), message(3)));
  EXPECT_EQ(relay_->status().cursor, "3:0:0:0");
}

// Whoever looks between two attempts must not find all well.
TEST_F(RelayTest, WhatTheLogRefusedIsCountedUntilItIsTakenOrNobodyHasItAnyMore) {
  const auto refuse = [this] {
    log_.cork();
    send({message(2)});
    log_.fail(0);
    run();
    log_.uncork();
    EXPECT_FALSE(services_.refused.none());
    pass(1s);
  };
  follow();
  EXPECT_TRUE(services_.refused.none());
  refuse();
  ASSERT_TRUE(armada_.is_open());
  EXPECT_FALSE(services_.refused.none()) << "tried again, and not taken yet";
  EXPECT_THAT(services_.refused.none().error().message, testing::HasSubstr("told to fail"));
  refuse();
  send({message(2)});
  EXPECT_TRUE(services_.refused.none());
  refuse();
  armada_.end(base::ErrorCode::kPermissionDenied);
  run();
  EXPECT_TRUE(services_.refused.none()) << "Armada gives it no more";
  pass(1h);
  refuse();
  relay_.reset();
  EXPECT_TRUE(services_.refused.none());
}

TEST_F(RelayTest, ABrokenStreamGoesOnAfterTheLastMessageReadWithoutRepeats) {
  follow();
  log_.cork();
  send({message(1)});
  send({message(2)});
  armada_.end(base::ErrorCode::kUnavailable);
  pass(1s);
  EXPECT_EQ(armada_.last().request.from, "2:0:0:0");
  log_.uncork();
  run();
  EXPECT_THAT(relayed(), ElementsAre(message(1), message(2)));
}

TEST_F(RelayTest, NothingLaterIsSentBeforeAnEarlierGroupIsStored) {
  follow();
  log_.cork();
  send({message(1)});
  send({message(2)});
  ASSERT_EQ(log_.waiting.size(), 1U);
  EXPECT_EQ(log_.waiting[0].batch.size(), 1U);
  EXPECT_EQ(*log_.waiting[0].batch[0].value, message(1));
}

TEST_F(RelayTest, AStopWritesTheLastCursorAndThenIsFinished) {
  follow();
  log_.cork();
  send({message(1)});
  relay_->stop();
  run();
  EXPECT_FALSE(armada_.is_open());
  EXPECT_FALSE(relay_->is_finished());
  log_.acknowledge_all();
  run();
  EXPECT_FALSE(relay_->is_finished()) << "its record is not in the log yet";
  log_.acknowledge_all();
  run();
  EXPECT_TRUE(relay_->is_finished());
  EXPECT_EQ(last_record().state, RelayState::kStopped);
  EXPECT_EQ(last_record().cursor, "1:0:0:0");
}

TEST_F(RelayTest, ARecordThatWasNotWrittenIsTriedAgain) {
  log_.cork();
  start();
  log_.fail(0);
  log_.uncork();
  run();
  EXPECT_TRUE(records().empty());
  pass(services_.options.record_retry);
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(RelayTest, RefusedCredentialsAreReadAgain) {
  start();
  armada_.end(base::ErrorCode::kUnauthenticated);
  EXPECT_EQ(armada_.rereads, 1);
  EXPECT_EQ(relay_->status().state, RelayState::kRefused);
}

TEST_F(RelayTest, ParksAJobSetWhoseJobsAreFinished) {
  start();
  api::EventStreamMessage submitted;
  submitted.set_id("1:0:0:0");
  submitted.mutable_message()->mutable_submitted()->set_job_id("job");
  send({submitted.SerializeAsString()});
  armada_.end();
  run();
  pass(services_.options.times.park_after);
  EXPECT_EQ(relay_->status().state, RelayState::kFollowing);
  api::EventStreamMessage succeeded;
  succeeded.set_id("2:0:0:0");
  succeeded.mutable_message()->mutable_succeeded()->set_job_id("job");
  send({succeeded.SerializeAsString()});
  pass(services_.options.times.park_after);
  EXPECT_EQ(relay_->status().state, RelayState::kParked);
  EXPECT_FALSE(armada_.is_open());
  relay_->renew();
  EXPECT_TRUE(armada_.is_open());
}

TEST_F(RelayTest, ARenewalIsAnsweredByANewRecordWhateverTheState) {
  follow();
  pass(services_.options.cursor_interval);
  const std::size_t before = records().size();
  relay_->renew();
  pass(services_.options.cursor_interval);
  EXPECT_EQ(records().size(), before + 1);
  EXPECT_EQ(last_record().state, RelayState::kFollowing);
}

TEST_F(RelayTest, HoweverItsStreamEndsItWasWholeUntilTheLastSignOfLife) {
  for (const auto& ends : std::vector<std::function<void()>>{
           [&] { relay_->stop(); }, [&] { relay_->release(); },
           [&] { pass(services_.options.times.park_unsure_after); },
           [&] { armada_.end(base::ErrorCode::kUnavailable); }, [&] { log_.fail(0); }}) {
    follow();
    log_.cork();
    send({message(1)});
    const base::Time alive = clock_.now() + 1s;
    clock_.advance(2s);
    armada_.last().alive_at = alive;
    ends();
    run();
    log_.uncork();
    run();
    EXPECT_NE(relay_->status().state, RelayState::kFollowing);
    EXPECT_EQ(relay_->status().connected_at, alive);
  }
}

TEST_F(RelayTest, ALogThatRefusesForLongIsToldInFewLines) {
  testing::internal::CaptureStderr();
  follow();
  log_.cork();
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    for (; !log_.waiting.empty(); ++refused) {
      log_.fail(0);
      run();
    }
    pass(services_.options.times.backoff.max);
    armada_.send({message(i)});
    run();
  }
  EXPECT_GT(refused, 1000);
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_LE(std::count(told.begin(), told.end(), '\n'), 110) << told;
  EXPECT_THAT(told, testing::HasSubstr("a relay's record was not written"));
}

TEST_F(RelayTest, MayBeGoneWhenItsAcknowledgementsCome) {
  follow();
  log_.cork();
  send({message(1)});
  relay_.reset();
  log_.acknowledge_all();
  run();
  EXPECT_EQ(budget_.held(), 0U);
}

TEST_F(RelayTest, OneThatLooksIsAsItsRecordSays) {
  for (const RelayState left : {RelayState::kGone, RelayState::kParked}) {
    RelayStatus stored;
    stored.state = left;
    relay_ = std::make_shared<Relay>(services_, kJobSet, stored, 1);
    EXPECT_EQ(relay_->vouched_until(1s), std::nullopt) << "by a former owner";
    relay_->look(stored);
    run();
    EXPECT_EQ(relay_->vouched_until(1s), base::Time::max()) << name_of(left);
  }
}

}  // namespace
}  // namespace armada_cache::ingest
