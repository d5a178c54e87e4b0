#include "tests/simulator/life.h"

#include <algorithm>
#include <numeric>

namespace armada_cache::simulator {
namespace {

constexpr std::array<std::string_view, kOutcomes> kOutcomeNames{
    "succeeded", "failed",  "cancelled",      "preempted",
    "rejected",  "retried", "lease_returned", "lease_expired"};

void add_run(const LifeOptions& options, Random& random, std::vector<Step>& life) {
  life.insert(life.end(), {Step::kLeased, Step::kPending, Step::kRunning});
  if (happens(options.ingress_share, random)) life.push_back(Step::kIngressInfo);
  life.insert(life.end(), options.utilisation_events, Step::kUtilisation);
}

void add_end(Outcome outcome, const LifeOptions& options, Random& random, std::vector<Step>& life) {
  switch (outcome) {
    case Outcome::kSucceeded:
    case Outcome::kRejected:
      life.push_back(outcome == Outcome::kSucceeded ? Step::kSucceeded : Step::kRejected);
      return;
    case Outcome::kFailed:
      life.push_back(Step::kFailed);
      return;
    case Outcome::kCancelled:
      life.insert(life.end(), {Step::kCancelling, Step::kCancelled});
      return;
    case Outcome::kPreempted:
      life.insert(life.end(), {Step::kPreempting, Step::kPreempted, Step::kFailedAfterPreemption});
      return;
    case Outcome::kLeaseExpired:
      life.insert(life.end(), {Step::kLeaseExpired, Step::kFailedAfterExpiry});
      return;
    case Outcome::kRetried:
    case Outcome::kLeaseReturned:
      life.push_back(outcome == Outcome::kRetried ? Step::kRetryableFailure : Step::kLeaseReturned);
      add_run(options, random, life);
      life.push_back(Step::kSucceeded);
      return;
  }
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

std::optional<Outcome> outcome_from(std::string_view name) {
  const auto* const at = std::find(kOutcomeNames.begin(), kOutcomeNames.end(), name);
  if (at == kOutcomeNames.end()) return std::nullopt;
  return static_cast<Outcome>(at - kOutcomeNames.begin());
}

Outcome draw_outcome(const LifeOptions& options, Random& random) {
  const auto& shares = options.outcome_shares;
  if (std::accumulate(shares.begin(), shares.end(), 0.0) <= 0) return Outcome::kSucceeded;
  return static_cast<Outcome>(
      std::discrete_distribution<std::size_t>(shares.begin(), shares.end())(random));
}

std::vector<Step> plan_life(Outcome outcome, const LifeOptions& options, Random& random) {
  std::vector<Step> life{Step::kSubmitted, Step::kQueued};
  if (happens(options.reprioritized_share, random)) {
    life.insert(life.end(), {Step::kReprioritizing, Step::kReprioritized});
  }
  if (outcome != Outcome::kRejected) add_run(options, random, life);
  add_end(outcome, options, random, life);
  return life;
}

bool comes_with_previous(Step step) {
  return step == Step::kQueued || step == Step::kPreempted ||
         step == Step::kFailedAfterPreemption || step == Step::kFailedAfterExpiry;
}

bool is_terminal(Step step) {
  return step >= Step::kSucceeded;
}

}  // namespace armada_cache::simulator
