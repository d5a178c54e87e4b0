// Lookups at a given rate, while something else goes on.
#pragma once

#include <optional>
#include <vector>

#include "tests/bench/context.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {

enum class Lookups { kSingles, kSinglesAndBatches };

struct MixedResult {
  LoadResult singles;
  std::optional<LoadResult> batches;
};

// Asks for job_id(0) to job_id(jobs - 1), a little more often than the aims say, so that what is
// answered can reach them.
base::Result<MixedResult> run_mixed_load(const Context& context, std::uint64_t jobs,
                                         const std::string& address, Lookups lookups);

struct MixedAims {
  std::optional<double> lookups_a_second;
  std::optional<double> ids_a_second;
  std::optional<double> p99_us;
};

// A figure of single lookups and, where there were any, one of batches.
std::vector<Figure> mixed_figures(const std::vector<MixedResult>& runs, const MixedAims& aims);

}  // namespace armada_cache::bench
