// What keeps "no such job" from being certain besides the projection itself: job sets that are to
// be followed, but of which no relay is known to have caught up.
#pragma once

#include <span>
#include <string>

#include "core/base/job_set.h"

namespace armada_cache::query {

// Thread-safe and cheap.
class RelayDoubts {
 public:
  virtual ~RelayDoubts() = default;
  // Why some job set's jobs may be missing; "" where nothing speaks for it.
  virtual std::string any() const = 0;
  // The same for one job set.
  virtual std::string of(const base::JobSet& job_set) const = 0;
  // Has the relays of those job sets that are wanted look for what came while they rested.
  virtual void wake(std::span<const base::JobSet> resting) = 0;
};

}  // namespace armada_cache::query
