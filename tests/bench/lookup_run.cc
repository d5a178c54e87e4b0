#include "tests/bench/lookup_run.h"

#include <algorithm>

#include "tests/bench/cpu.h"

namespace armada_cache::bench {
namespace {

constexpr int kMaxChannels = 4;

std::vector<double> cpu_times_of(const std::vector<ServerProcess>& processes) {
  std::vector<double> micros;
  for (const ServerProcess& process : processes) {
    micros.push_back(static_cast<double>(cpu_time_of(process.pid).count()));
  }
  return micros;
}

}  // namespace

base::Result<LookupRuns> run_in_turns(const Context& context, const std::vector<Target>& targets,
                                      const LoadStream& load, std::uint64_t jobs) {
  LookupRuns runs(targets.size());
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      LoadPlan plan;
      plan.target = targets[i].address;
      plan.check_answers = targets[i].check_answers;
      plan.jobs = jobs;
      plan.channels = std::min(load.callers, kMaxChannels);
      plan.measured = std::chrono::seconds(context.options.seconds);
      plan.streams = {load};
      const auto cpu_before = cpu_times_of(targets[i].processes);
      auto results = run_load(plan, context.scratch);
      if (!results) return tl::unexpected(results.error());
      auto cpu = cpu_times_of(targets[i].processes);
      const auto calls = static_cast<double>(std::max<std::uint64_t>(results->front().calls, 1));
      for (std::size_t p = 0; p < cpu.size(); ++p) cpu[p] = (cpu[p] - cpu_before[p]) / calls;
      runs[i].push_back({results->front(), std::move(cpu)});
    }
  }
  return runs;
}

std::vector<double> take(const std::vector<LookupRun>& runs, double LoadResult::*member) {
  std::vector<double> numbers;
  for (const LookupRun& run : runs) numbers.push_back(run.load.*member);
  return numbers;
}

std::vector<double> take(const std::vector<LoadResult>& results, double LoadResult::*member) {
  std::vector<double> numbers;
  for (const LoadResult& result : results) numbers.push_back(result.*member);
  return numbers;
}

}  // namespace armada_cache::bench
