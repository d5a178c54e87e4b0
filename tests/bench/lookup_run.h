// Runs of the same load against several servers, taken in turns so that a disturbance of the
// machine does not hit one of them alone.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/bench/context.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {

struct ServerProcess {
  std::string name;
  pid_t pid = 0;
};

struct Target {
  std::string address;
  std::vector<ServerProcess> processes;  // whose work a call is
  bool check_answers = false;
};

struct LookupRun {
  LoadResult load;
  std::vector<double> cpu_us;  // of each process for each call
};

// For each target its runs.
using LookupRuns = std::vector<std::vector<LookupRun>>;

base::Result<LookupRuns> run_in_turns(const Context& context, const std::vector<Target>& targets,
                                      const LoadStream& load, std::uint64_t jobs);

// One number of each run or result.
std::vector<double> take(const std::vector<LookupRun>& runs, double LoadResult::*member);
std::vector<double> take(const std::vector<LoadResult>& results, double LoadResult::*member);

}  // namespace armada_cache::bench
