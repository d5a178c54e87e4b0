#include "tests/bench/visibility_load.h"

#include <thread>

#include "armada/api/event.pb.h"
#include "tests/bench/job_events.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/visibility_poller.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kJobSets = 10;
constexpr std::uint64_t kLiveAtOnce = 50;
constexpr char kHeadline[] = "event_visible_seconds";

// The n-th job of the load: they take turns between the job sets.
std::uint64_t job_at(std::uint64_t n) {
  return n % kJobSets * kJobsInJobSet + n / kJobSets;
}

std::optional<int> state_after(Step step) {
  switch (step) {
    case Step::kLeased:
      return api::LEASED;
    case Step::kPending:
      return api::PENDING;
    case Step::kRunning:
      return api::RUNNING;
    case Step::kSucceeded:
      return api::SUCCEEDED;
    default:
      return std::nullopt;
  }
}

void emit_load(simulator::Simulator& armada, VisibilityPoller& poller,
               std::uint64_t events_a_second, std::chrono::seconds time) {
  const base::SystemClock clock;
  const std::vector<Step> life = whole_life();
  const auto begin = Clock::now();
  std::uint64_t emitted = 0;
  for (std::uint64_t group = 0; Clock::now() < begin + time; ++group) {
    for (const Step step : life) {
      for (std::uint64_t i = 0; i < kLiveAtOnce; ++i) {
        std::this_thread::sleep_until(begin + emitted++ * std::chrono::microseconds(1'000'000) /
                                                  events_a_second);
        const std::uint64_t job = job_at(group * kLiveAtOnce + i);
        const base::Time created = clock.now();
        armada.emit(job_set_of(job), {make_event(job, step, created)});
        if (const auto state = state_after(step)) poller.offer({job_id(job), *state, created});
      }
    }
  }
}

HistogramSample headline_of(const CacheAddresses& cache) {
  return scrape_histogram(test_support::http_get(cache.metrics, "/metrics").body, kHeadline);
}

}  // namespace

base::Status follow_job_sets(simulator::Simulator& armada, const std::string& lookups) {
  constexpr std::chrono::seconds kPatience{30};
  const base::SystemClock clock;
  const test_support::CacheClient client(lookups);
  for (std::uint64_t n = 0; n < kJobSets; ++n) {
    const std::uint64_t job = job_at(n) + kJobsInJobSet - 1;
    armada.emit(job_set_of(job), {make_event(job, Step::kSubmitted, clock.now())});
    if (!test_support::eventually(
            kPatience, [&] { return client.subscribe(job_set_of(job), "bench").ok(); })) {
      return base::fail(base::ErrorCode::kDeadlineExceeded, "the cache takes no subscriptions");
    }
  }
  for (std::uint64_t n = 0; n < kJobSets; ++n) {
    if (!test_support::eventually(kPatience,
                                  [&] { return client.caught_up(job_set_of(job_at(n))); })) {
      return base::fail(base::ErrorCode::kDeadlineExceeded, "the job sets are not followed");
    }
  }
  return {};
}

VisibilityRun run_visibility_load(simulator::Simulator& armada, const CacheAddresses& cache,
                                  std::uint64_t events_a_second, std::chrono::seconds time) {
  VisibilityPoller poller(cache.lookups);
  const HistogramSample before = headline_of(cache);
  emit_load(armada, poller, events_a_second, time);
  VisibilityRun run;
  run.polled = poller.finish();
  run.headline = headline_of(cache) - before;
  return run;
}

Figure visibility_figure(const std::string& name, const std::vector<VisibilityRun>& runs,
                         Seen seen) {
  const auto quantile_us = [seen](const VisibilityRun& run, double share) {
    return seen == Seen::kPolled ? run.polled.quantile_us(share)
                                 : run.headline.quantile(share) * 1e6;
  };
  Figure figure;
  figure.name = name;
  figure.unit = "ms, p99";
  figure.better = Better::kLower;
  std::vector<double> p50, p99;
  for (const VisibilityRun& run : runs) {
    p50.push_back(quantile_us(run, 0.5));
    p99.push_back(quantile_us(run, 0.99));
    figure.runs.push_back(p99.back() / 1000);
  }
  figure.p50_us = median_of(p50);
  figure.p99_us = median_of(p99);
  if (seen == Seen::kTold) figure.note = "interpolated within the histogram's buckets";
  return figure;
}

}  // namespace armada_cache::bench
