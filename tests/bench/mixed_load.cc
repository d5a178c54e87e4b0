#include "tests/bench/mixed_load.h"

#include "tests/bench/lookup_run.h"

namespace armada_cache::bench {
namespace {

// With so many callers that calls are made when they are due though others take long; of batches
// not more than a query process has calls to one projector.
constexpr LoadStream kSingles{.callers = 400, .ids_a_call = 1, .calls_a_second = 10'100};
constexpr LoadStream kBatches{.callers = 80, .ids_a_call = 100, .calls_a_second = 2'020};

Figure figure_of(const std::string& name, const std::vector<LoadResult>& results, int ids_a_call,
                 std::optional<double> aim, std::optional<double> aim_p99_us) {
  Figure figure;
  figure.name = name;
  figure.unit = ids_a_call == 1 ? "lookups/s" : "ids/s";
  figure.runs = take(results, &LoadResult::calls_a_second);
  for (double& rate : figure.runs) rate *= ids_a_call;
  figure.aim = aim;
  figure.p50_us = median_of(take(results, &LoadResult::p50_us));
  figure.p99_us = median_of(take(results, &LoadResult::p99_us));
  figure.aim_p99_us = aim_p99_us;
  figure.note = "offered at a fixed rate; latency from when a call was due";
  return figure;
}

}  // namespace

base::Result<MixedResult> run_mixed_load(const Context& context, std::uint64_t jobs,
                                         const std::string& address, Lookups lookups) {
  LoadPlan plan;
  plan.target = address;
  plan.jobs = jobs;
  plan.channels = 4;
  plan.measured = std::chrono::seconds(context.options.seconds);
  plan.check_answers = true;
  plan.streams = {kSingles};
  if (lookups == Lookups::kSinglesAndBatches) plan.streams.push_back(kBatches);
  const auto results = run_load(plan, context.scratch);
  if (!results) return tl::unexpected(results.error());
  MixedResult result{results->front(), {}};
  if (results->size() > 1) result.batches = results->back();
  return result;
}

std::vector<Figure> mixed_figures(const std::vector<MixedResult>& runs, const MixedAims& aims) {
  std::vector<LoadResult> singles;
  std::vector<LoadResult> batches;
  for (const MixedResult& run : runs) {
    singles.push_back(run.singles);
    if (run.batches) batches.push_back(*run.batches);
  }
  std::vector<Figure> figures{figure_of("single lookups while projecting", singles,
                                        kSingles.ids_a_call, aims.lookups_a_second, aims.p99_us)};
  if (batches.empty()) return figures;
  figures.push_back(figure_of("batches of 100 while projecting", batches, kBatches.ids_a_call,
                              aims.ids_a_second, aims.p99_us));
  return figures;
}

}  // namespace armada_cache::bench
