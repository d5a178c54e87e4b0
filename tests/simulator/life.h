// What happens in the life of a simulated job, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/simulator/ids.h"
#include "tests/simulator/options.h"

namespace armada_cache::simulator {

enum class Step : std::uint8_t {
  kSubmitted,
  kQueued,
  kReprioritizing,
  kReprioritized,
  kLeased,
  kPending,
  kRunning,
  kUtilisation,
  kIngressInfo,
  kLeaseReturned,
  kLeaseExpired,
  kRetryableFailure,
  kCancelling,
  kPreempting,
  kPreempted,
  // Terminal ones.
  kSucceeded,
  kFailed,
  kRejected,
  kCancelled,
  kFailedAfterPreemption,
  kFailedAfterExpiry,
};

// The steps of a job with this outcome; what else happens on the way is drawn from `random`.
std::vector<Step> plan_life(Outcome outcome, const LifeOptions& options, Random& random);

// The step comes in the same upstream message as the one before it.
bool comes_with_previous(Step step);
bool is_terminal(Step step);

// Draws an outcome by the shares; kSucceeded if all are 0.
Outcome draw_outcome(const LifeOptions& options, Random& random);
std::optional<Outcome> outcome_from(std::string_view name);

}  // namespace armada_cache::simulator
