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

// A world without events of its own, on a free port.
simulator::Options empty_world();

// Job sets of the benchmark, in the order of their jobs.
struct JobSetRange {
  std::uint64_t first = 0;
  std::uint64_t count = 10;
};

// The job sets exist in a world that does not know them yet, and the cache follows them.
// kDeadlineExceeded.
base::Status follow_job_sets(simulator::Simulator& armada, const std::string& lookups,
                             JobSetRange job_sets);

struct VisibilityLoad {
  std::uint64_t events_a_second = 1000;
  std::chrono::seconds time{1};
  std::chrono::seconds warm_up{0};  // before that, which does not count

  // Those that its jobs belong to, and have room for.
  JobSetRange job_sets() const;
};

// Emits events into job sets that are followed; jobs' lives overlap.
VisibilityRun run_visibility_load(simulator::Simulator& armada, const CacheAddresses& cache,
                                  const VisibilityLoad& load);

// Milliseconds below which this share of the events was seen, p50 or p99; lower is better.
enum class Seen { kPolled, kTold };
Figure visibility_figure(const std::string& name, const std::vector<VisibilityRun>& runs, Seen seen,
                         double share);

}  // namespace armada_cache::bench
