// Partitions that come and go while lookups go on.
#include <future>
#include <thread>

#include "armada/api/submit.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "projector/memory_share.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kDeadline = std::chrono::seconds(20);

class MovesTest : public ProjectorTest {
 protected:
  MovesTest() { options_.partitions = {0, 1}; }

  static std::string job_in(eventlog::Partition partition, std::uint64_t after = 0) {
    while (topics::partition_of_job(job_id(after), kPartitions) != partition) ++after;
    return job_id(after);
  }
  static base::JobSet job_set_in(eventlog::Partition partition, int others = 0) {
    for (int i = 0;; ++i) {
      base::JobSet set{"q-x", "set-" + std::to_string(i)};
      if (topics::partition_of_job_set(set, kPartitions) == partition && others-- == 0) return set;
    }
  }
  static eventlog::TopicPartition relays_of(eventlog::Partition partition) {
    return {std::string(topics::kRelays), partition};
  }
  void take(std::vector<eventlog::Partition> partitions) {
    const base::Status taken = projector_->take(partitions);
    ASSERT_TRUE(taken) << taken.error().message;
  }
  bool comes_to(const base::JobSet& set, internal::v1::RelayState state) {
    return test_support::eventually(kDeadline, [&] {
      const auto summary = summarize(set);
      return summary && summary->relay && summary->relay->state == static_cast<int>(state);
    });
  }
  double repeated() const { return metric("armada_cache_projector_events_total{outcome=\"rep"); }
};

TEST_F(MovesTest, WhatIsTakenIsAnsweredAndWhatIsReleasedIsNot) {
  start();
  Stream stream({"q", "set"});
  append(stream.submitted(job_in(0)));
  append(stream.submitted(job_in(2)));
  settle();
  EXPECT_EQ(status(job_in(0)), api::QUEUED);
  ASSERT_FALSE(statuses({job_in(2)}));
  EXPECT_EQ(summarize({"q", "set"})->freshness.partitions, (std::vector<std::int32_t>{0, 1}));

  take({2});
  EXPECT_THAT(projector_->partitions(), ElementsAre(0, 1, 2));
  settle();
  EXPECT_EQ(status(job_in(2)), api::QUEUED);
  EXPECT_EQ(summarize({"q", "set"})->freshness.partitions, (std::vector<std::int32_t>{0, 1, 2}));

  projector_->release({0, 2});
  EXPECT_THAT(projector_->partitions(), ElementsAre(1));
  EXPECT_EQ(statuses({job_in(0)}).error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(details({job_in(2)}).error().code, base::ErrorCode::kUnavailable);
  projector_->release({1});
  EXPECT_THAT(projector_->partitions(), IsEmpty());
  EXPECT_EQ(summarize({"q", "set"}).error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(ask_active_queues().error().code, base::ErrorCode::kUnavailable);
}

TEST_F(MovesTest, MovesThatChangeNothingAndWrongOnes) {
  start();
  take({0, 1});
  projector_->release({2});
  EXPECT_THAT(projector_->partitions(), ElementsAre(0, 1));
  EXPECT_EQ(projector_->take({3}).error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(projector_->take({2, 2}).error().code, base::ErrorCode::kInvalidArgument);
}

TEST_F(MovesTest, ADatabaseThatAnotherProcessHoldsLeavesTheRestAsItIs) {
  start();
  Stream stream({"q", "set"});
  append(stream.submitted(job_in(0)));
  base::Metrics metrics;
  Options other = options_;
  other.partitions = {2};
  auto holder = Projector::open(other, log_, clock_, metrics);
  ASSERT_TRUE(holder);
  EXPECT_EQ(projector_->take({2}).error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(projector_->partitions(), ElementsAre(0, 1));
  settle();
  EXPECT_EQ(status(job_in(0)), api::QUEUED);
  holder->reset();
  take({2});
  settle();
}

TEST_F(MovesTest, WhatWasReleasedGoesOnFromItsDisk) {
  start();
  take({2});
  Stream stream({"q", "set"});
  const std::string id = job_in(2);
  append(stream.submitted(id));
  settle();
  projector_->release({2});
  append(stream.event("running", id));
  // Only what is new can still be read.
  log_.trim({std::string(topics::kEvents), 2}, 1);
  take({2});
  settle();
  EXPECT_EQ(status(id), api::RUNNING);
  EXPECT_EQ(repeated(), 0);
  EXPECT_EQ(metric("armada_cache_projector_trimmed_events_total"), 0);
}

TEST_F(MovesTest, LagIsToldOfWhatIsHere) {
  start();
  settle();
  ASSERT_TRUE(test_support::eventually(kDeadline, [&] {
    return metric("armada_cache_projector_lag_records{partition=\"1\"}") == 0;
  }));
  projector_->release({1});
  EXPECT_EQ(metric("armada_cache_projector_lag_records{partition=\"1\"}"), -1);
}

TEST_F(MovesTest, ReadyIsWhoIsLoadedAndNearTheEndOfTheLog) {
  options_.ready_lag_max = 2;
  ASSERT_TRUE(open());
  EXPECT_THAT(projector_->ready().error().message, HasSubstr("partition 0 is still being loaded"));
  ASSERT_TRUE(projector_->start());
  const auto becomes_ready = [this](bool ready) {
    return test_support::eventually(
        kDeadline, [this, ready] { return projector_->ready().has_value() == ready; });
  };
  ASSERT_TRUE(becomes_ready(true));
  log_.hold({std::string(topics::kEvents), 1}, 0);
  Stream stream({"q", "set"});
  for (int i = 0; i < 2; ++i) append(stream.submitted(job_in(1)));
  take({2});
  ASSERT_TRUE(becomes_ready(true)) << "two records are near enough";
  append(stream.submitted(job_in(1)));
  ASSERT_TRUE(becomes_ready(false));
  EXPECT_THAT(projector_->ready().error().message,
              HasSubstr("partition 1 is 3 records behind the log, more than 2"));
  projector_->release({1});
  EXPECT_TRUE(projector_->ready());
}

TEST_F(MovesTest, Invariant4RelaysAreFollowedWhereverTheyAre) {
  start();
  const base::JobSet set = job_set_in(2);
  const std::string known = job_in(0);
  Stream stream(set);
  append(stream.submitted(known));
  const auto at = base::to_unix_micros(clock_.now());
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 1, at));
  settle();
  const auto as_of = [&] { return base::to_unix_micros(statuses({known})->freshness.as_of); };
  EXPECT_EQ(as_of(), base::to_unix_micros(clock_.now())) << "followed as a foreign one";
  take({2});
  settle();
  EXPECT_EQ(as_of(), base::to_unix_micros(clock_.now()));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 1, at + 1));
  settle();
  EXPECT_EQ(as_of(), at + 1);
  projector_->release({2});
  settle();
  EXPECT_EQ(as_of(), at + 1) << "what was known of it stays";
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 2, at + 2));
  settle();
  EXPECT_EQ(as_of(), base::to_unix_micros(clock_.now())) << "a foreign one again";
  EXPECT_TRUE(statuses({job_in(1)})->freshness.certain);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 2, at + 3));
  settle();
  EXPECT_FALSE(statuses({job_in(1)})->freshness.certain);
}

TEST_F(MovesTest, ATombstoneOfAFormerOwnerRemovesNoRelayOfOtherPartitions) {
  start();
  const base::JobSet set = job_set_in(2);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 2));
  ASSERT_TRUE(comes_to(set, internal::v1::RELAY_STATE_FOLLOWING));
  append_relay(set, topics::relay_tombstone(set, 1));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 1));
  const base::JobSet other = job_set_in(2, 1);
  append_relay(other, relay(other, internal::v1::RELAY_STATE_PARKED));
  ASSERT_TRUE(comes_to(other, internal::v1::RELAY_STATE_PARKED));
  ASSERT_TRUE(summarize(set)->relay);
  EXPECT_EQ(summarize(set)->relay->state, static_cast<int>(internal::v1::RELAY_STATE_FOLLOWING));
  append_relay(set, topics::relay_tombstone(set, 2));
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return !summarize(set)->relay; }));
}

TEST_F(MovesTest, Invariant4WhatIsKnownOfRelaysDoesNotGoBackToTheDisks) {
  start();
  const base::JobSet set = job_set_in(2);
  take({2});
  const auto at = base::to_unix_micros(clock_.now());
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 1, at));
  settle();
  projector_->release({2});
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 2, at));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 2, at + 1));
  ASSERT_TRUE(comes_to(set, internal::v1::RELAY_STATE_RETRYING));
  log_.hold(relays_of(2), 1);
  take({2});
  EXPECT_EQ(summarize(set)->relay->state, internal::v1::RELAY_STATE_RETRYING);
  EXPECT_FALSE(statuses({job_in(0)})->freshness.certain);
  log_.hold(relays_of(2), 2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(summarize(set)->relay->state, internal::v1::RELAY_STATE_RETRYING);
    ASSERT_FALSE(statuses({job_in(0)})->freshness.certain);
  }
  log_.release(relays_of(2));
  settle();
  EXPECT_EQ(summarize(set)->relay->state, internal::v1::RELAY_STATE_RETRYING);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 3, at + 2));
  ASSERT_TRUE(comes_to(set, internal::v1::RELAY_STATE_FOLLOWING));
}

TEST_F(MovesTest, Invariant4NothingIsCertainWhileNobodyHasReadTheRelaysOfWhatMoves) {
  options_.certainty_wait = std::chrono::milliseconds(20);
  start();
  const base::JobSet set = job_set_in(2);
  settle();
  take({2});
  log_.hold(relays_of(2), 0);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING));
  EXPECT_FALSE(statuses({job_in(0)})->freshness.certain);
  projector_->release({2});
  const auto answer = statuses({job_in(0)});
  EXPECT_FALSE(answer->freshness.certain);
  EXPECT_THAT(answer->freshness.doubt, HasSubstr("the relays of partition 2"));
}

// A partition that is far behind makes no answer old that is not about it.
TEST_F(MovesTest, AnswersAboutOthersStayFreshWhileAPartitionCatchesUp) {
  start();
  const base::JobSet set = job_set_in(0);
  Stream stream(set);
  append(stream.submitted(job_in(0)));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  log_.hold({std::string(topics::kEvents), 2}, 0);
  append(stream.submitted(job_in(2)));
  take({2});
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] {
    const auto answer = statuses({job_in(0)});
    return answer && answer->freshness.as_of == clock_.now();
  }));
  EXPECT_LT(statuses({job_in(2)})->freshness.as_of, clock_.now());
}

TEST_F(MovesTest, WhatIsOnDiskIsAsOfTheLastEventThere) {
  start();
  take({2});
  const base::JobSet set = job_set_in(0);
  Stream stream(set);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING));
  clock_.advance(std::chrono::seconds(1));
  const base::Time last = clock_.now();
  append(stream.submitted(job_in(2)));
  settle();
  projector_->release({2});
  log_.hold({std::string(topics::kEvents), 2}, 1);
  append(stream.event("running", job_in(2)));
  clock_.advance(std::chrono::minutes(1));
  take({2});
  const auto answer = statuses({job_in(2)});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->freshness.as_of, last - std::chrono::milliseconds(1));
}

TEST_F(MovesTest, Invariant4WhatIsSurelyUnknownIsAsOfWhenItWasAskedForHoweverFarBehindItWas) {
  options_.certainty_wait = kDeadline;
  start();
  settle();
  log_.hold({std::string(topics::kEvents), 2}, 0);
  Stream stream({"q", "set"});
  append(stream.submitted(job_in(2)));
  take({2});
  const std::string unknown = job_in(2, 1000);
  const std::string_view view = unknown;
  std::promise<lookup::Freshness> status;
  std::promise<lookup::Freshness> details;
  projector_->reader().statuses({&view, 1}, false,
                                [&](auto answer) { status.set_value(answer->freshness); });
  projector_->reader().details({unknown}, false,
                               [&](auto answer) { details.set_value(answer->freshness); });
  log_.release({std::string(topics::kEvents), 2});
  for (auto* told : {&status, &details}) {
    const lookup::Freshness freshness = told->get_future().get();
    EXPECT_TRUE(freshness.certain) << freshness.doubt;
    EXPECT_EQ(freshness.as_of, clock_.now());
  }
}

TEST_F(MovesTest, ALookupUnderWayIsAnsweredBeforeItsPartitionCloses) {
  options_.certainty_wait = std::chrono::milliseconds(300);
  start();
  Stream stream({"q", "set"});
  settle();
  log_.hold({std::string(topics::kEvents), 0}, 0);
  append(stream.submitted(job_in(0)));
  std::promise<base::Result<lookup::StatusAnswer>> told;
  auto answer = told.get_future();
  const std::string id = job_in(0);
  const std::string_view view = id;
  projector_->reader().statuses({&view, 1}, false,
                                [&](auto result) { told.set_value(std::move(result)); });
  projector_->release({0});
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_FALSE(answer.get()->freshness.certain);
}

// Invariant 4, and 3: whatever moves, a known job is never unknown, and the end is as if nothing
// had moved.
TEST_F(MovesTest, Invariant4KnownJobsAreNeverUnknownWhilePartitionsMove) {
  start();
  Stream stream({"q", "set"});
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < 300; ++i) ids.push_back(job_id(i));
  for (const std::string& id : ids) append(stream.submitted(id));
  for (std::size_t i = 0; i < 100; ++i) append(stream.event("succeeded", ids[i]));
  take({2});
  settle();
  std::atomic<bool> ended = false;
  std::atomic<std::size_t> answers = 0;
  std::vector<std::thread> askers;
  for (unsigned i = 0; i < 2; ++i) {
    askers.emplace_back([&, i] {
      for (std::size_t at = i; !ended; at = (at + 7) % ids.size()) {
        const auto status = statuses({ids[at]});
        const auto details = this->details({ids[at]}, true);
        if (!status || !details) continue;
        ++answers;
        EXPECT_NE(status->statuses[0].state, lookup::JobStatus::kNone);
        EXPECT_EQ(details->jobs.size(), 1U);
      }
    });
  }
  for (int round = 0; round < 15; ++round) {
    const eventlog::Partition moved = round % kPartitions;
    projector_->release({moved});
    append(stream.event("running", ids[static_cast<std::size_t>(200 + round)]));
    const std::size_t before = answers;
    EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return answers > before; }));
    take({moved});
  }
  ended = true;
  for (std::thread& asker : askers) asker.join();
  settle();
  const std::string live = dump();
  stop();
  const test_support::TempDir anew;
  options_.data_dir = anew.path();
  options_.partitions = {0, 1, 2};
  start();
  settle();
  EXPECT_EQ(dump(), live);
  stop();
}

TEST(MemoryShare, OfEachPartitionIsAPartOfTheWhole) {
  const Options options;
  const MemoryShare one = share_of(options, 1);
  EXPECT_EQ(one.live_table_bytes, options.live_table_max_bytes);
  EXPECT_EQ(share_of(options, 0), one);
  const MemoryShare eight = share_of(options, 8);
  EXPECT_EQ(eight.wal_max_bytes, options.wal_max_bytes / 8);
  EXPECT_EQ(eight.finished_table_bytes, options.finished_table_max_bytes / 8);
  EXPECT_EQ(share_of(options, 100'000).write_buffer_bytes, std::size_t{1} << 20);
}

}  // namespace
}  // namespace armada_cache::projector::testing
