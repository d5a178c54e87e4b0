// Events at a given rate from a simulated Armada through a cache, and how long each takes to be
// seen.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/error.h"
#include "tests/bench/histogram.h"
#include "tests/bench/report.h"
#include "tests/bench/scrape.h"
#include "tests/simulator/simulator.h"

namespace armada_cache::bench {

// Where a cache answers lookups, and where it tells of events that became visible (HOST:PORT).
struct CacheAddresses {
  std::string lookups;
  std::string metrics;
};

struct VisibilityRun {
  Histogram polled;          // as seen from outside
  HistogramSample headline;  // as /metrics tells it
};

// A new world's job sets exist and the cache follows them. kDeadlineExceeded.
base::Status follow_job_sets(simulator::Simulator& armada, const std::string& lookups);

// After that: emits events for so long; jobs' lives overlap.
VisibilityRun run_visibility_load(simulator::Simulator& armada, const CacheAddresses& cache,
                                  std::uint64_t events_a_second, std::chrono::seconds time);

// Lower is better; the figure is the p99 in ms.
enum class Seen { kPolled, kTold };
Figure visibility_figure(const std::string& name, const std::vector<VisibilityRun>& runs,
                         Seen seen);

}  // namespace armada_cache::bench
