#include "tests/bench/measurements.h"
#include "tests/bench/visibility_load.h"
#include "tests/support/cache_process.h"

namespace armada_cache::bench {
namespace {

constexpr std::uint64_t kEventsASecond = 1000;
constexpr double kShare = 0.99;
constexpr double kAimMs = 10;

base::Result<VisibilityRun> run_once(const Context& context, int number) {
  simulator::Simulator armada(empty_world());
  const auto address = armada.start();
  if (!address) return tl::unexpected(address.error());
  test_support::CacheOptions cache_options;
  cache_options.armada = *address;
  cache_options.data_dir = context.scratch / ("visibility-" + std::to_string(number));
  cache_options.output_folder = context.scratch;
  cache_options.more = {"--log-level=error"};
  test_support::CacheProcess cache(cache_options);
  const VisibilityLoad load{kEventsASecond, std::chrono::seconds(2 * context.options.seconds)};
  if (auto followed = follow_job_sets(armada, cache.grpc_address(), load.job_sets()); !followed) {
    return tl::unexpected(followed.error());
  }
  const auto run = run_visibility_load(armada, {cache.grpc_address(), cache.http_address()}, load);
  cache.stop();
  return run;
}

}  // namespace

Figures measure_visibility(const Context& context) {
  std::vector<VisibilityRun> runs;
  for (int run = 0; run < context.options.runs; ++run) {
    progress("event to visible answer");
    const auto result = run_once(context, run);
    if (!result) return tl::unexpected(result.error());
    runs.push_back(*result);
  }
  std::vector<Figure> figures{
      visibility_figure("event to visible at 1000 events/s, polled", runs, Seen::kPolled, kShare),
      visibility_figure("the same, as /metrics tells it", runs, Seen::kTold, kShare)};
  for (Figure& figure : figures) figure.aim = kAimMs;
  figures[0].note = "simulated Armada, ingest, log, projector, query; polled over gRPC";
  return figures;
}

}  // namespace armada_cache::bench
