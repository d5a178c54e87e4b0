// A job belongs to the (queue, job set) of its submitted event; nobody else's events touch it.
#include <gtest/gtest.h>

#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

Story owner() {
  return Story("q-b", "victim");
}
Story stranger() {
  return Story("q-a", "attacker");
}

TEST(Ownership, ForeignEventsOfEveryKindChangeNothing) {
  Projection projection;
  projection.apply_all(owner().tell("submitted queued leased").events());
  const std::string before = projection.record().SerializeAsString();
  const Story foreign = stranger().tell(
      "submitted queued leased pending running lease_returned lease_expired ingress_info "
      "utilisation reprioritizing reprioritized cancelling cancelled preempting preempted failed "
      "failed:retryable succeeded");
  for (const auto& event : foreign.events()) {
    EXPECT_EQ(projection.apply(event), Outcome::kForeign) << event.ShortDebugString();
  }
  EXPECT_EQ(projection.record().SerializeAsString(), before);
}

TEST(Ownership, RequestsForUnknownJobsCreateNothing) {
  Projection projection;
  for (const auto& event : stranger().tell("cancelling preempting reprioritizing").events()) {
    EXPECT_EQ(projection.apply(event), Outcome::kUnknownJob);
  }
  EXPECT_FALSE(projection.known());
  EXPECT_EQ(projection.record().ByteSizeLong(), 0U);
}

TEST(Ownership, TheSameJobSetNameInAnotherQueueIsForeign) {
  Projection projection;
  projection.apply_all(Story("q-a", "basic").tell("submitted").events());
  EXPECT_EQ(projection.apply(Story("q-b", "basic").tell("cancelled").events().front()),
            Outcome::kForeign);
}

TEST(Ownership, AStreamThatBeginsInMidLifeOwnsProvisionally) {
  Projection projection;
  projection.apply_all(stranger().tell("running").events());
  EXPECT_FALSE(projection.record().submitted_seen());
  EXPECT_EQ(projection.apply(owner().tell("running").events().front()), Outcome::kForeign);
}

TEST(Ownership, SubmittedDecidesTheOwnerOfAProvisionalRecord) {
  Projection projection;
  projection.apply_all(stranger().tell("running succeeded").events());
  EXPECT_EQ(projection.apply_as({1, 0, 0}, owner().tell("submitted").events().front()),
            Outcome::kApplied);
  EXPECT_EQ(projection.record().queue(), "q-b");
  EXPECT_EQ(projection.record().job_set(), "victim");
  EXPECT_EQ(projection.record().state(), api::QUEUED);
  EXPECT_EQ(projection.record().runs_size(), 0);
}

TEST(Ownership, SubmittedOfTheSameOwnerCompletesAProvisionalRecord) {
  Projection projection;
  projection.apply_all(owner().tell("running submitted").events());
  EXPECT_EQ(projection.record().state(), api::RUNNING);
  EXPECT_EQ(projection.record().namespace_(), "namespace");
  EXPECT_TRUE(projection.record().submitted_seen());
}

}  // namespace
}  // namespace armada_cache::job
