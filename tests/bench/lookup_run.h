// Runs of the same load against several servers, taken in turns so that a disturbance of the
// machine does not hit one of them alone.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/context.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {

struct Target {
  std::string address;
  bool check_answers = false;
};

// For each target the result of each run.
using LookupRuns = std::vector<std::vector<LoadResult>>;

base::Result<LookupRuns> run_in_turns(const Context& context, const std::vector<Target>& targets,
                                      const LoadStream& load, std::uint64_t jobs);

// One number of each result.
std::vector<double> take(const std::vector<LoadResult>& results, double LoadResult::*member);

}  // namespace armada_cache::bench
