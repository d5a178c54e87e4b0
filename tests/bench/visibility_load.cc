#include "tests/bench/visibility_load.h"

#include <algorithm>
#include <cmath>
#include <functional>
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

constexpr std::uint64_t kLiveAtOnce = 50;
constexpr char kHeadline[] = "event_visible_seconds";

// The n-th job of the load: they take turns between the job sets.
std::uint64_t job_at(std::uint64_t n, JobSetRange job_sets) {
  return (job_sets.first + n % job_sets.count) * kJobsInJobSet + n / job_sets.count;
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

// Emits the load's events in their order, as far as they are asked for.
class Emitter {
 public:
  Emitter(simulator::Simulator& armada, const VisibilityLoad& load)
      : armada_(armada), load_(load), job_sets_(load.job_sets()) {}

  // For so long; each event is told of.
  void emit(std::chrono::seconds time,
            const std::function<void(std::uint64_t job, Step step, base::Time created)>& told) {
    const auto interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / load_.events_a_second;
    const auto begin = Clock::now();
    std::uint64_t emitted = 0;
    for (; Clock::now() < begin + time; ++group_) {
      for (const Step step : life_) {
        for (std::uint64_t i = 0; i < kLiveAtOnce; ++i) {
          std::this_thread::sleep_until(begin + emitted++ * interval);
          const std::uint64_t job = job_at(group_ * kLiveAtOnce + i, job_sets_);
          const base::Time created = clock_.now();
          armada_.emit(job_set_of(job), {make_event(job, step, created)});
          told(job, step, created);
        }
      }
    }
  }

 private:
  simulator::Simulator& armada_;
  const VisibilityLoad load_;
  const JobSetRange job_sets_;
  const base::SystemClock clock_;
  const std::vector<Step> life_ = whole_life();
  std::uint64_t group_ = 0;
};

HistogramSample headline_of(const CacheAddresses& cache) {
  return scrape_histogram(test_support::http_get(cache.metrics, "/metrics").body, kHeadline);
}

}  // namespace

simulator::Options empty_world() {
  simulator::Options options;
  options.listen = "127.0.0.1:0";
  return options;
}

base::Status follow_job_sets(simulator::Simulator& armada, const std::string& lookups,
                             JobSetRange job_sets) {
  constexpr std::chrono::seconds kPatience{30};
  const base::SystemClock clock;
  const test_support::CacheClient client(lookups);
  for (std::uint64_t n = 0; n < job_sets.count; ++n) {
    const std::uint64_t job = job_at(n, job_sets) + kJobsInJobSet - 1;
    armada.emit(job_set_of(job), {make_event(job, Step::kSubmitted, clock.now())});
    if (!test_support::eventually(
            kPatience, [&] { return client.subscribe(job_set_of(job), "bench").ok(); })) {
      return base::fail(base::ErrorCode::kDeadlineExceeded, "the cache takes no subscriptions");
    }
  }
  for (std::uint64_t n = 0; n < job_sets.count; ++n) {
    const base::JobSet job_set = job_set_of(job_at(n, job_sets));
    if (!test_support::eventually(kPatience, [&] { return client.caught_up(job_set); })) {
      return base::fail(base::ErrorCode::kDeadlineExceeded,
                        "the job set " + job_set.name + " is not followed");
    }
  }
  return {};
}

// The last job of each is the one that makes it known.
JobSetRange VisibilityLoad::job_sets() const {
  constexpr std::uint64_t kLeast = 10;
  const auto seconds = static_cast<std::uint64_t>((warm_up + time).count());
  const std::uint64_t jobs = seconds * events_a_second / whole_life().size() + 4 * kLiveAtOnce;
  return {0, std::max(kLeast, jobs / (kJobsInJobSet - 1) + 1)};
}

VisibilityRun run_visibility_load(simulator::Simulator& armada, const CacheAddresses& cache,
                                  const VisibilityLoad& load) {
  Emitter emitter(armada, load);
  emitter.emit(load.warm_up, [](std::uint64_t, Step, base::Time) {});
  VisibilityPoller poller(cache.lookups);
  const HistogramSample before = headline_of(cache);
  emitter.emit(load.time, [&poller](std::uint64_t job, Step step, base::Time created) {
    if (const auto state = state_after(step)) poller.offer({job_id(job), *state, created});
  });
  VisibilityRun run;
  run.polled = poller.finish();
  run.headline = headline_of(cache) - before;
  return run;
}

Figure visibility_figure(const std::string& name, const std::vector<VisibilityRun>& runs, Seen seen,
                         double share) {
  const auto quantiles_us = [&runs, seen](double wanted) {
    std::vector<double> micros;
    for (const VisibilityRun& run : runs) {
      micros.push_back(seen == Seen::kPolled ? run.polled.quantile_us(wanted)
                                             : run.headline.quantile(wanted) * 1e6);
    }
    return micros;
  };
  Figure figure;
  figure.name = name;
  figure.unit = "ms, p" + std::to_string(std::lround(share * 100));
  figure.better = Better::kLower;
  for (const double micros : quantiles_us(share)) figure.runs.push_back(micros / 1000);
  figure.p50_us = median_of(quantiles_us(0.5));
  figure.p99_us = median_of(quantiles_us(0.99));
  if (seen == Seen::kTold) figure.note = "interpolated within the histogram's buckets";
  return figure;
}

}  // namespace armada_cache::bench
