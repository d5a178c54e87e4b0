#include <algorithm>

#include "armada/api/job.pb.h"
#include "tests/bench/cpu.h"
#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/tiers.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/mixed_load.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMostLiveJobs = 200'000;
// Enough to be projected for as long as the lookups take.
constexpr std::uint64_t kLeastChangingJobs = 50'000;
constexpr std::uint64_t kMostChangingJobs = 200'000;
constexpr MixedAims kAims{.lookups_a_second = 8e3, .ids_a_second = {}, .p99_us = 30e3};
constexpr MixedAims kMixedAims{};

struct Outcome {
  MixedResult singles;  // alone
  MixedResult mixed;
  double events_a_second = 0;
  bool projected_to_the_end = false;  // before the lookups ended
};

double told(const Tier& projector, const std::string& name) {
  return test_support::metric_sum(
      test_support::http_get(projector->http_address(), "/metrics").body, name);
}

double events_applied(const Tier& projector) {
  return told(projector, "armada_cache_projector_events_total");
}

// Appended while no projector runs, so that nothing but projecting goes on during the lookups.
base::Result<Filled> append_changes(KafkaUnderTest& kafka, JobRange jobs, std::uint64_t sequence) {
  LogFiller filler(kafka.log(), kPartitions, sequence);
  fill_scattered(filler, jobs, whole_life());
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  return Filled{filler.last_jobs(), filler.next_sequence()};
}

base::Result<Outcome> look_up_while_projecting(const Context& context, const LookupTiers& tiers,
                                               const Filled& live, std::uint64_t jobs) {
  if (auto shown = await_answers(*tiers.query, live.last_jobs, api::RUNNING); !shown) {
    return tl::unexpected(shown.error());
  }
  test_support::eventually(std::chrono::seconds(60),
                           [&] { return events_applied(tiers.projector) > 0; });
  const auto begin = Clock::now();
  const double applied_before = events_applied(tiers.projector);
  const std::string address = tiers.query->grpc_address();
  const auto singles = run_mixed_load(context, jobs, address, Lookups::kSingles);
  if (!singles) return tl::unexpected(singles.error());
  const auto mixed = run_mixed_load(context, jobs, address, Lookups::kSinglesAndBatches);
  if (!mixed) return tl::unexpected(mixed.error());
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  Outcome outcome{*singles, *mixed};
  outcome.events_a_second = (events_applied(tiers.projector) - applied_before) / seconds;
  outcome.projected_to_the_end = told(tiers.projector, "armada_cache_projector_lag_records") == 0;
  return outcome;
}

base::Result<std::vector<Outcome>> measure(const Context& context, JobRange live,
                                           JobRange changing) {
  KafkaUnderTest kafka;
  const auto running = fill_running_jobs(kafka, live.count);
  if (!running) return tl::unexpected(running.error());
  LookupTiers tiers = start_lookup_tiers(context, kafka);
  if (auto shown = await_answers(*tiers.query, running->last_jobs, api::RUNNING); !shown) {
    return tl::unexpected(shown.error());
  }
  await_idle({kafka.cluster().pid(0)});
  std::vector<Outcome> outcomes;
  std::uint64_t sequence = running->next_sequence;
  for (std::int64_t run = 0; run < context.options.runs; ++run, changing.first += changing.count) {
    progress("lookups while projecting from Kafka");
    const std::string address = tiers.projector->grpc_address();
    stop_tier(tiers.projector);
    const auto changed = append_changes(kafka, changing, sequence);
    if (!changed) return tl::unexpected(changed.error());
    sequence = changed->next_sequence;
    // The group keeps the address that it had when it joined.
    tiers.projector = start_projector(context, kafka, "projector", {"--grpc-listen=" + address});
    const auto outcome = look_up_while_projecting(context, tiers, *running, live.count);
    if (!outcome) return tl::unexpected(outcome.error());
    outcomes.push_back(*outcome);
  }
  return outcomes;
}

}  // namespace

Figures measure_tiers_mixed(const Context& context) {
  const auto jobs = static_cast<std::uint64_t>(context.options.jobs);
  const std::uint64_t live = std::min(jobs, kMostLiveJobs);
  const auto outcomes =
      measure(context, {0, live}, {live, std::clamp(jobs, kLeastChangingJobs, kMostChangingJobs)});
  if (!outcomes) return tl::unexpected(outcomes.error());
  Figure projection;
  projection.name = "projection from Kafka during these lookups";
  projection.unit = "events/s";
  std::vector<MixedResult> singles;
  std::vector<MixedResult> mixed;
  for (const Outcome& outcome : *outcomes) {
    singles.push_back(outcome.singles);
    mixed.push_back(outcome.mixed);
    projection.runs.push_back(outcome.events_a_second);
    if (outcome.projected_to_the_end) projection.note = "the log's end came before the lookups'";
  }
  std::vector<Figure> figures = mixed_figures(singles, kAims);
  for (Figure& figure : mixed_figures(mixed, kMixedAims)) {
    figure.name += ", both";
    figures.push_back(std::move(figure));
  }
  for (Figure& figure : figures) figure.name = "query + projector: " + figure.name;
  figures.push_back(std::move(projection));
  return figures;
}

}  // namespace armada_cache::bench
