#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/tiers.h"
#include "tests/bench/visibility_load.h"

namespace armada_cache::bench {
namespace {

// Java compiles the broker's code, for as long on more than a core where there are two.
constexpr std::chrono::seconds kWarmUp{25};
constexpr std::uint64_t kRateOfAim = 1'000;
constexpr double kShare = 0.5;
constexpr double kAimMs = 5;
constexpr double kAimP99Us = 30e3;

// A world and a Kafka of its own each time, since the jobs are the same.
base::Result<VisibilityRun> run_once(const Context& context, const VisibilityLoad& load,
                                     const std::string& folder) {
  simulator::Simulator armada(empty_world());
  const auto address = armada.start();
  if (!address) return tl::unexpected(address.error());
  const KafkaUnderTest kafka;
  const Tier ingest = start_tier(context, kafka, "ingest", {"--armada=" + *address});
  const Tier projector = start_projector(context, kafka, folder);
  const Tier query = start_tier(context, kafka, "query");
  if (auto followed = follow_job_sets(armada, query->grpc_address(), load.job_sets()); !followed) {
    return tl::unexpected(followed.error());
  }
  return run_visibility_load(armada, {query->grpc_address(), projector->http_address()}, load);
}

base::Status measure(const Context& context, std::uint64_t events_a_second,
                     std::vector<Figure>& figures) {
  const VisibilityLoad load{events_a_second, std::chrono::seconds(2 * context.options.seconds),
                            kWarmUp};
  const std::string rate = std::to_string(events_a_second) + " events/s";
  std::vector<VisibilityRun> runs;
  for (int run = 0; run < context.options.runs; ++run) {
    progress("event to visible through the tiers at " + rate);
    const auto result = run_once(
        context, load, "projector-" + rate.substr(0, rate.find(' ')) + "-" + std::to_string(run));
    if (!result) return tl::unexpected(result.error());
    runs.push_back(*result);
  }
  for (const auto& [name, seen] :
       {std::pair{"tiers: event to visible at " + rate, Seen::kPolled},
        std::pair{std::string("the same, as /metrics tells it"), Seen::kTold}}) {
    figures.push_back(visibility_figure(name, runs, seen, kShare));
    if (events_a_second != kRateOfAim) continue;
    figures.back().aim = kAimMs;
    figures.back().aim_p99_us = kAimP99Us;
  }
  return {};
}

}  // namespace

Figures measure_tiers_visibility(const Context& context) {
  std::vector<Figure> figures;
  for (const std::uint64_t events_a_second : {kRateOfAim, std::uint64_t{10'000}}) {
    if (auto done = measure(context, events_a_second, figures); !done) {
      return tl::unexpected(done.error());
    }
  }
  return figures;
}

}  // namespace armada_cache::bench
