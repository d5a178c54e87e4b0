// Lookups at a given rate, while something else goes on.
#pragma once

#include <optional>
#include <vector>

#include "tests/bench/context.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {

struct MixedResult {
  LoadResult singles;
  LoadResult batches;
};

// Asks for job_id(0) to job_id(jobs - 1), a little more often than the aims say, so that what is
// answered can reach them.
base::Result<MixedResult> run_mixed_load(const Context& context, std::uint64_t jobs,
                                         const std::string& address);

struct MixedAims {
  std::optional<double> lookups_a_second;
  std::optional<double> ids_a_second;
  double p99_us = 0;
};

// A figure of single lookups and one of batches.
std::vector<Figure> mixed_figures(const std::vector<MixedResult>& runs, const MixedAims& aims);

}  // namespace armada_cache::bench
