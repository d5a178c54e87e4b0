#include <thread>

#include "tests/bench/cache_under_test.h"
#include "tests/bench/cpu.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/measurements.h"
#include "tests/bench/mixed_load.h"
#include "tests/support/http_get.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRunning = 2;
constexpr int kSucceeded = 3;
constexpr std::uint64_t kMostLiveJobs = 500'000;
constexpr std::uint64_t kMostChangingJobs = 200'000;
constexpr MixedAims kAims{.lookups_a_second = 10e3, .ids_a_second = 200e3, .p99_us = 10e3};

struct Sizes {
  JobRange live;      // asked for
  JobRange changing;  // whose events are applied meanwhile
};

Sizes sizes_of(const Options& options) {
  const auto jobs = static_cast<std::uint64_t>(options.jobs);
  const std::uint64_t live = std::min(jobs, kMostLiveJobs);
  return {{0, live}, {live, std::min(jobs, kMostChangingJobs)}};
}

struct Outcome {
  MixedResult lookups;
  double events_a_second = 0;
  bool projected_to_the_end = false;  // before the lookups ended
};

base::Result<std::uint64_t> project_live_jobs(const std::filesystem::path& directory,
                                              JobRange jobs) {
  auto store = Store::open(directory);
  if (!store) return tl::unexpected(store.error());
  LogFiller filler((*store)->log(), kPartitions);
  fill_adjacent(filler, jobs, {Step::kSubmitted, Step::kLeased, Step::kRunning});
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  if (auto started = (*store)->projector().start(); !started) {
    return tl::unexpected(started.error());
  }
  const auto shown = await_state((*store)->projector().reader(), filler.last_jobs(), kRunning,
                                 std::chrono::seconds(300));
  if (!shown) return tl::unexpected(shown.error());
  return filler.next_sequence();
}

// Appends what is to be applied during the lookups to the log of a store that is not started.
base::Result<std::vector<std::uint64_t>> append_changes(Store& store, JobRange jobs,
                                                        std::uint64_t sequence) {
  LogFiller filler(store.log(), kPartitions, sequence);
  fill_scattered(filler, jobs, whole_life());
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  return filler.last_jobs();
}

double events_applied(const Store& store) {
  return test_support::metric_sum(store.metrics().text(), "armada_cache_projector_events_total");
}

base::Result<Outcome> look_up_while_projecting(const Context& context, const Sizes& sizes,
                                               Store& store,
                                               const std::vector<std::uint64_t>& last_jobs) {
  await_idle();
  const auto lookups = start_lookups(store);
  if (!lookups) return tl::unexpected(lookups.error());
  if (auto started = store.projector().start(); !started) return tl::unexpected(started.error());
  // The live jobs come into memory first: that is the start, measured elsewhere.
  while (events_applied(store) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto begin = Clock::now();
  const double applied_before = events_applied(store);
  const auto results =
      run_mixed_load(context, sizes.live.count, lookups->address, Lookups::kSinglesAndBatches);
  if (!results) return tl::unexpected(results.error());
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  Outcome outcome{*results, 0, false};
  outcome.events_a_second = (events_applied(store) - applied_before) / seconds;
  outcome.projected_to_the_end =
      await_state(store.projector().reader(), last_jobs, kSucceeded, std::chrono::seconds(0))
          .has_value();
  return outcome;
}

base::Result<Outcome> run_once(const Context& context) {
  const std::filesystem::path directory = context.scratch / "mixed";
  const Sizes sizes = sizes_of(context.options);
  progress("lookups while projecting: preparing");
  const auto sequence = project_live_jobs(directory, sizes.live);
  if (!sequence) return tl::unexpected(sequence.error());
  auto store = Store::open(directory);
  if (!store) return tl::unexpected(store.error());
  const auto last_jobs = append_changes(**store, sizes.changing, *sequence);
  if (!last_jobs) return tl::unexpected(last_jobs.error());
  progress("lookups while projecting: measuring");
  auto outcome = look_up_while_projecting(context, sizes, **store, *last_jobs);
  store->reset();
  std::filesystem::remove_all(directory);
  return outcome;
}

}  // namespace

Figures measure_mixed(const Context& context) {
  std::vector<MixedResult> lookups;
  Figure projection;
  projection.name = "projection during these lookups";
  projection.unit = "events/s";
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    const auto outcome = run_once(context);
    if (!outcome) return tl::unexpected(outcome.error());
    lookups.push_back(outcome->lookups);
    projection.runs.push_back(outcome->events_a_second);
    if (outcome->projected_to_the_end) projection.note = "the log's end came before the lookups'";
  }
  std::vector<Figure> figures = mixed_figures(lookups, kAims);
  figures.push_back(std::move(projection));
  return figures;
}

}  // namespace armada_cache::bench
