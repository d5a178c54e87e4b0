// How long to wait before the next try.
#pragma once

#include <cstdint>
#include <random>

#include "core/base/clock.h"

namespace armada_cache::ingest {

struct BackoffOptions {
  base::Duration base = std::chrono::milliseconds(250);
  base::Duration max = std::chrono::seconds(30);
};

// Exponential with full jitter: uniform between 0 and min(max, base * 2^tries), so that many
// streams that broke together do not come back together.
class Backoff {
 public:
  Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

  // Each call counts as one more try in a row.
  base::Duration next() { return next(options_.max); }
  base::Duration next(base::Duration max);
  void reset() { tries_ = 0; }

  // Uniform between half of `around` and all of it: for what is tried seldom.
  base::Duration around(base::Duration around);

 private:
  BackoffOptions options_;
  std::minstd_rand random_;
  int tries_ = 0;
};

}  // namespace armada_cache::ingest
