// How certain answers are, and as of when.
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using internal::v1::RelayState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const base::JobSet kSet{"q-a", "set"};

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
};

TEST_F(FreshnessTest, Invariant4UnknownIsCertainOnlyWithEveryRelaySettled) {
  const std::map<RelayState, bool> certain = {{internal::v1::RELAY_STATE_UNSPECIFIED, false},
                                              {internal::v1::RELAY_STATE_CATCHING_UP, false},
                                              {internal::v1::RELAY_STATE_FOLLOWING, true},
                                              {internal::v1::RELAY_STATE_RETRYING, false},
                                              {internal::v1::RELAY_STATE_REFUSED, true},
                                              {internal::v1::RELAY_STATE_GONE, true},
                                              {internal::v1::RELAY_STATE_PARKED, true},
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
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_REFUSED, 1, connected));
  settle();
  EXPECT_GT(base::to_unix_micros(freshness_of_unknown().as_of), connected);
  EXPECT_EQ(base::to_unix_micros(summarize(kSet)->freshness.as_of), connected);
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
