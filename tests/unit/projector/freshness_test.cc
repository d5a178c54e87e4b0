// How certain answers are, and as of when.
#include "armada/api/submit.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using internal::v1::RelayState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FreshnessTest : public ProjectorTest {
 protected:
  lookup::Freshness freshness_of_unknown() {
    const auto answer = statuses({job_id(404)});
    EXPECT_TRUE(answer);
    return answer ? answer->freshness : lookup::Freshness{};
  }

  eventlog::TopicPartition events_of(const std::string& id) {
    return {std::string(topics::kEvents), topics::partition_of_job(id, kPartitions)};
  }
  // A job set whose relay is in the partition of the job's events, or is not.
  static base::JobSet job_set_beside(const std::string& id, bool same) {
    for (int i = 0;; ++i) {
      base::JobSet set{"q-x", "set-" + std::to_string(i)};
      const bool is = topics::partition_of_job_set(set, kPartitions) ==
                      topics::partition_of_job(id, kPartitions);
      if (is == same) return set;
    }
  }
  bool comes_to(const base::JobSet& set, RelayState state) {
    return test_support::eventually(std::chrono::seconds(10), [&] {
      const auto summary = summarize(set);
      return summary && summary->relay && summary->relay->state == static_cast<int>(state);
    });
  }
};

TEST_F(FreshnessTest, Invariant4UnknownIsCertainOnlyWithEveryRelaySettled) {
  const std::map<RelayState, bool> certain = {{internal::v1::RELAY_STATE_UNSPECIFIED, false},
                                              {internal::v1::RELAY_STATE_CATCHING_UP, false},
                                              {internal::v1::RELAY_STATE_FOLLOWING, true},
                                              {internal::v1::RELAY_STATE_RETRYING, false},
                                              {internal::v1::RELAY_STATE_REFUSED, false},
                                              {internal::v1::RELAY_STATE_GONE, true},
                                              {internal::v1::RELAY_STATE_PARKED, false},
                                              {internal::v1::RELAY_STATE_STOPPED, true}};
  start();
  for (const auto& [state, expected] : certain) {
    append_relay(kSet, relay(kSet, state));
    settle();
    const lookup::Freshness freshness = freshness_of_unknown();
    EXPECT_EQ(freshness.certain, expected) << state;
    if (!expected) {
      EXPECT_THAT(freshness.doubt, HasSubstr("queue q-a, job set set")) << state;
    }
    EXPECT_EQ(summarize(kSet)->freshness.certain, expected) << state;
    EXPECT_TRUE(summarize({"q-b", "another"})->freshness.certain) << state;
  }
}

TEST_F(FreshnessTest, RelaysCountFromTheFirstMomentAfterARestart) {
  start();
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_RETRYING));
  settle();
  stop();
  ASSERT_TRUE(open());
  EXPECT_FALSE(freshness_of_unknown().certain);
}

TEST_F(FreshnessTest, Invariant4NotCertainWhileTheLogIsAhead) {
  options_.certainty_wait = std::chrono::milliseconds(30);
  start();
  Stream stream(kSet);
  log_.hold(events_of(job_id(404)), 0);
  append(stream.submitted(job_id(404)));
  auto answer = statuses({job_id(404)});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->statuses[0].state, lookup::JobStatus::kNone);
  EXPECT_FALSE(answer->freshness.certain);
  EXPECT_THAT(answer->freshness.doubt, HasSubstr("1 records behind"));
  EXPECT_FALSE(summarize(kSet)->freshness.certain);
  log_.release(events_of(job_id(404)));
  settle();
  EXPECT_EQ(status(job_id(404)), 0);
}

TEST_F(FreshnessTest, ALookupWaitsForWhatWasAppendedBeforeIt) {
  options_.certainty_wait = std::chrono::seconds(20);
  start();
  Stream stream(kSet);
  for (std::uint64_t i = 0; i < 200; ++i) {
    append(stream.submitted(job_id(i)));
    ASSERT_EQ(status(job_id(i)), 0) << "an appended job is unknown";
  }
}

TEST_F(FreshnessTest, FarBehindNobodyWaits) {
  options_.certainty_wait = std::chrono::hours(1);
  options_.batch_max_records = 2;
  start();
  log_.hold(events_of(job_id(1)), 0);
  Stream stream(kSet);
  for (int i = 0; i < 50; ++i) append(stream.submitted(job_id(1)));
  EXPECT_FALSE(statuses({job_id(1)})->freshness.certain);
}

TEST_F(FreshnessTest, AnswersTellAsOfWhen) {
  start();
  settle();
  clock_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(test_support::eventually(
      std::chrono::seconds(10), [this] { return freshness_of_unknown().as_of == clock_.now(); }));
  const auto connected = base::to_unix_micros(clock_.now()) - 7'000'000;
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_RETRYING, 1, connected));
  settle();
  EXPECT_EQ(base::to_unix_micros(freshness_of_unknown().as_of), connected);
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_STOPPED, 1, connected));
  settle();
  EXPECT_GT(base::to_unix_micros(freshness_of_unknown().as_of), connected) << "nobody wants it";
  EXPECT_EQ(base::to_unix_micros(summarize(kSet)->freshness.as_of), connected);
}

TEST_F(FreshnessTest, Invariant4AJobIsOnlyAsFreshAsItsRelaysLastConnection) {
  const base::JobSet followed{"q-b", "followed"};
  start();
  Stream stream(kSet);
  Stream other(followed);
  append(stream.submitted(job_id(1)));
  append(stream.event("succeeded", job_id(1)));
  append(stream.submitted(job_id(2)));
  append(other.submitted(job_id(3)));
  append_relay(followed, relay(followed, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  const auto as_of = [this](std::uint64_t job) {
    const base::Time status = statuses({job_id(job)})->freshness.as_of;
    EXPECT_EQ(details({job_id(job)})->freshness.as_of, status);
    return base::to_unix_micros(status);
  };
  ASSERT_TRUE(test_support::eventually(std::chrono::seconds(10), [&] { return as_of(3) != 0; }));
  EXPECT_EQ(as_of(2), 0) << "never connected";
  auto now = base::to_unix_micros(clock_.now());
  EXPECT_EQ(as_of(3), now);
  for (int state = 0; state < internal::v1::RelayState_ARRAYSIZE; ++state) {
    const auto connected = now - 1'000'000 * (state + 1);
    append_relay(kSet, relay(kSet, static_cast<RelayState>(state), 1, connected));
    settle();
    now = base::to_unix_micros(clock_.now());
    const auto expected = state == internal::v1::RELAY_STATE_FOLLOWING ? now : connected;
    EXPECT_EQ(as_of(1), expected) << state;
    EXPECT_EQ(as_of(2), expected) << state;
    EXPECT_EQ(as_of(3), now) << state;
    EXPECT_EQ(base::to_unix_micros(statuses({job_id(2), job_id(3)})->freshness.as_of), expected);
  }
}

TEST_F(FreshnessTest, Invariant4WhatARelaySaidBeforeARestartMakesNothingFresh) {
  const auto connected = base::to_unix_micros(clock_.now()) - 7'000'000;
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING, 1, connected));
  settle();
  restart();
  settle();
  const auto becomes = [this](base::Time expected) {
    return test_support::eventually(std::chrono::seconds(10), [&] {
      const base::Time as_of = statuses({job_id(1)})->freshness.as_of;
      EXPECT_LE(as_of, expected);
      return as_of == expected;
    });
  };
  EXPECT_TRUE(becomes(base::from_unix_micros(connected)));
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING, 2, connected));
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(becomes(clock_.now()));
}

TEST_F(FreshnessTest, Invariant4WhatRestsIsNamedToBeWoken) {
  options_.wakes_per_answer = 2;
  start();
  std::set<base::JobSet> parked;
  for (const char* name : {"one", "two", "three"}) {
    const base::JobSet set{"q-a", name};
    append_relay(set, relay(set, internal::v1::RELAY_STATE_PARKED));
    parked.insert(set);
  }
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_REFUSED));
  settle();
  std::set<base::JobSet> named;
  for (int i = 0; i < 2; ++i) {
    const auto resting = freshness_of_unknown().resting;
    EXPECT_EQ(resting.size(), 2U);
    named.insert(resting.begin(), resting.end());
  }
  EXPECT_EQ(named, parked) << "each in its turn";
  EXPECT_THAT(summarize({"q-a", "one"})->freshness.resting,
              ::testing::ElementsAre(base::JobSet{"q-a", "one"}));
}

TEST_F(FreshnessTest, Invariant4AJobSetThatNobodyFollowsIsNotSaidToBeComplete) {
  start();
  settle();
  const auto followed = [this] {
    const lookup::Freshness fresh = summarize(kSet)->freshness;
    EXPECT_EQ(fresh.followed, fresh.doubt.empty());
    EXPECT_TRUE(fresh.certain) << "asking again does not help";
    lookup::ListRequest request;
    request.job_set = kSet;
    EXPECT_EQ(list(request)->freshness.followed, fresh.followed);
    return fresh.followed;
  };
  EXPECT_FALSE(followed());
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  EXPECT_TRUE(followed());
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_STOPPED));
  settle();
  EXPECT_FALSE(followed());
}

TEST_F(FreshnessTest, JobSetsWhoseJobsAreAskedForAreTold) {
  start();
  Stream stream(kSet);
  Stream other({"q-b", "other"});
  append(stream.submitted(job_id(1)));
  append(other.submitted(job_id(2)));
  settle();
  const auto asked = [this](base::Time since) {
    std::vector<base::JobSet> found;
    lookup::AskedRequest request{since, {}, 1};
    while (true) {
      std::optional<lookup::AskedAnswer> answer;
      projector_->reader().asked(request, [&](auto told) { answer = *told; });
      found.insert(found.end(), answer->job_sets.begin(), answer->job_sets.end());
      EXPECT_EQ(answer->as_of, clock_.now());
      if (!answer->next) return found;
      request.after = *answer->next;
    }
  };
  EXPECT_THAT(asked(base::Time{}), IsEmpty());
  EXPECT_TRUE(statuses({job_id(1)}));
  EXPECT_THAT(asked(clock_.now()), ::testing::ElementsAre(kSet));
  clock_.advance(std::chrono::seconds(2));
  EXPECT_TRUE(details({job_id(2)}));
  EXPECT_THAT(asked(clock_.now()), ::testing::ElementsAre(other.job_set()));
  EXPECT_THAT(asked(base::Time{}), ::testing::ElementsAre(kSet, other.job_set()));
}

TEST_F(FreshnessTest, AsOfStandsStillWhileAPartitionIsBehind) {
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  settle();
  log_.hold(events_of(job_id(1)), 1);
  append(stream.event("running", job_id(1)));
  const base::Time before = clock_.now();
  clock_.advance(std::chrono::minutes(1));
  EXPECT_LE(statuses({job_id(1)})->freshness.as_of, before);
}

TEST_F(FreshnessTest, Invariant4ARelayRecordDoesNotMakeEventsThatLagLookFresh) {
  options_.certainty_wait = std::chrono::milliseconds(30);
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  log_.hold(events_of(job_id(1)), 1);
  append(stream.event("running", job_id(1)));
  const base::Time before = clock_.now();
  const base::JobSet other = job_set_beside(job_id(1), true);
  for (int minute = 1; minute < 4; ++minute) {
    clock_.advance(std::chrono::minutes(1));
    append_relay(other, relay(other, internal::v1::RELAY_STATE_FOLLOWING, minute));
    clock_.advance(std::chrono::minutes(1));
    append_relay(other, relay(other, internal::v1::RELAY_STATE_RETRYING, minute));
    ASSERT_TRUE(comes_to(other, internal::v1::RELAY_STATE_RETRYING));
    EXPECT_LE(statuses({job_id(1)})->freshness.as_of, before);
  }
}

TEST_F(FreshnessTest, Invariant4ACatchUpMakesNothingFreshBeforeItsEventsAreApplied) {
  options_.certainty_wait = std::chrono::milliseconds(30);
  start();
  const base::JobSet set = job_set_beside(job_id(1), false);
  Stream stream(set);
  const auto broken = base::to_unix_micros(clock_.now()) - 3'600'000'000;
  append(stream.submitted(job_id(1)));
  append(stream.leased(job_id(1), "pool"));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 1, broken));
  settle();
  const auto as_of = [this, &set] {
    const base::Time status = statuses({job_id(1)})->freshness.as_of;
    EXPECT_EQ(details({job_id(1)})->freshness.as_of, status);
    EXPECT_EQ(summarize(set)->freshness.as_of, status);
    lookup::ListRequest request;
    request.job_set = set;
    EXPECT_EQ(list(request)->freshness.as_of, status);
    EXPECT_EQ(ask_active_queues()->freshness.as_of, status);
    return base::to_unix_micros(status);
  };
  EXPECT_EQ(as_of(), broken);
  log_.hold(events_of(job_id(1)), 2);
  append(stream.event("running", job_id(1)));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 1, broken));
  ASSERT_TRUE(comes_to(set, internal::v1::RELAY_STATE_FOLLOWING));
  EXPECT_EQ(as_of(), broken);
  append_relay(set, relay(set, internal::v1::RELAY_STATE_RETRYING, 1, broken + 5));
  append_relay(set, relay(set, internal::v1::RELAY_STATE_FOLLOWING, 2, broken + 9));
  ASSERT_TRUE(test_support::eventually(std::chrono::seconds(10), [&] {
    return base::to_unix_micros(summarize(set)->relay->connected) == broken + 9;
  }));
  EXPECT_EQ(as_of(), broken) << "nor after a second one";
  log_.release(events_of(job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::RUNNING);
  EXPECT_EQ(as_of(), base::to_unix_micros(clock_.now()));
}

TEST_F(FreshnessTest, Invariant4UnknownIsAsOfWhenArmadaLastSaidThatAJobSetIsGone) {
  const auto said = base::to_unix_micros(clock_.now()) - 9'000'000;
  start();
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_GONE, 1, said));
  settle();
  const lookup::Freshness unknown = freshness_of_unknown();
  EXPECT_TRUE(unknown.certain);
  EXPECT_EQ(base::to_unix_micros(unknown.as_of), said);
}

TEST_F(FreshnessTest, OlderGenerationsOfARelayAreIgnored) {
  start();
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING, 5));
  settle();  // else compaction leaves only the newer record, of the older generation
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_RETRYING, 4));
  settle();
  EXPECT_TRUE(freshness_of_unknown().certain);
  restart();
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_RETRYING, 4));
  settle();
  EXPECT_TRUE(freshness_of_unknown().certain);
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_RETRYING, 5));
  settle();
  EXPECT_FALSE(freshness_of_unknown().certain);
  eventlog::Record tombstone = relay(kSet, internal::v1::RELAY_STATE_RETRYING);
  tombstone.value.reset();
  append_relay(kSet, std::move(tombstone));
  settle();
  EXPECT_TRUE(freshness_of_unknown().certain);
  EXPECT_FALSE(summarize(kSet)->relay);
}

TEST_F(FreshnessTest, APartitionThatIsNotHereIsUnavailable) {
  options_.partitions = {topics::partition_of_job(job_id(1), kPartitions)};
  start();
  EXPECT_TRUE(statuses({job_id(1)}));
  std::uint64_t elsewhere = 2;
  while (topics::partition_of_job(job_id(elsewhere), kPartitions) == options_.partitions[0]) {
    ++elsewhere;
  }
  const auto answer = statuses({job_id(elsewhere)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
}

TEST_F(FreshnessTest, LookupsAfterStopAreUnavailable) {
  start();
  projector_->stop();
  for (const base::ErrorCode code :
       {statuses({job_id(1)}).error().code, details({job_id(1)}).error().code,
        summarize(kSet).error().code}) {
    EXPECT_EQ(code, base::ErrorCode::kUnavailable);
  }
}

}  // namespace
}  // namespace armada_cache::projector::testing
