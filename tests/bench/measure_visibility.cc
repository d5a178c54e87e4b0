#include <thread>

#include "armada/api/event.pb.h"
#include "tests/bench/context.h"
#include "tests/bench/job_events.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/scrape.h"
#include "tests/bench/visibility_poller.h"
#include "tests/simulator/simulator.h"
#include "tests/support/cache_process.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kEventsASecond = 1000;
constexpr std::uint64_t kJobSets = 10;
constexpr std::uint64_t kLiveAtOnce = 50;
constexpr double kAimP99Us = 10'000;
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

// Emits events at their rate for so long; jobs' lives overlap.
void emit_load(simulator::Simulator& armada, VisibilityPoller& poller, std::chrono::seconds time) {
  const base::SystemClock clock;
  const std::vector<Step> life = whole_life();
  const auto begin = Clock::now();
  std::uint64_t emitted = 0;
  for (std::uint64_t group = 0; Clock::now() < begin + time; ++group) {
    for (const Step step : life) {
      for (std::uint64_t i = 0; i < kLiveAtOnce; ++i) {
        std::this_thread::sleep_until(begin + emitted++ * std::chrono::microseconds(1'000'000) /
                                                  kEventsASecond);
        const std::uint64_t job = job_at(group * kLiveAtOnce + i);
        const base::Time created = clock.now();
        armada.emit(job_set_of(job), {make_event(job, step, created)});
        if (const auto state = state_after(step)) poller.offer({job_id(job), *state, created});
      }
    }
  }
}

// The job sets exist and the cache follows them.
bool follow_job_sets(simulator::Simulator& armada, const test_support::CacheClient& client) {
  const base::SystemClock clock;
  for (std::uint64_t n = 0; n < kJobSets; ++n) {
    const std::uint64_t job = job_at(n) + kJobsInJobSet - 1;
    armada.emit(job_set_of(job), {make_event(job, Step::kSubmitted, clock.now())});
    if (!client.subscribe(job_set_of(job), "bench").ok()) return false;
  }
  return test_support::eventually(std::chrono::seconds(30), [&] {
    for (std::uint64_t n = 0; n < kJobSets; ++n) {
      if (!client.caught_up(job_set_of(job_at(n)))) return false;
    }
    return true;
  });
}

struct Run {
  Histogram polled;
  HistogramSample headline;
};

base::Result<Run> run_once(const Context& context, int number) {
  simulator::Options options;
  options.listen = "127.0.0.1:0";
  simulator::Simulator armada(options);
  const auto address = armada.start();
  if (!address) return tl::unexpected(address.error());
  test_support::CacheOptions cache_options;
  cache_options.armada = *address;
  cache_options.data_dir = context.scratch / ("visibility-" + std::to_string(number));
  cache_options.output_folder = context.scratch;
  cache_options.more = {"--log-level=error"};
  test_support::CacheProcess cache(cache_options);
  if (!follow_job_sets(armada, test_support::CacheClient(cache.grpc_address()))) {
    return base::fail(base::ErrorCode::kDeadlineExceeded, "the job sets are not followed");
  }
  VisibilityPoller poller(cache.grpc_address());
  const auto before =
      scrape_histogram(test_support::http_get(cache.http_address(), "/metrics").body, kHeadline);
  emit_load(armada, poller, std::chrono::seconds(2 * context.options.seconds));
  Run run;
  run.polled = poller.finish();
  const auto after =
      scrape_histogram(test_support::http_get(cache.http_address(), "/metrics").body, kHeadline);
  run.headline = after - before;
  cache.stop();
  return run;
}

Figure visible_figure(const std::string& name, const std::vector<double>& p50,
                      const std::vector<double>& p99) {
  Figure figure;
  figure.name = name;
  figure.unit = "ms, p99";
  figure.better = Better::kLower;
  for (const double micros : p99) figure.runs.push_back(micros / 1000);
  figure.aim = kAimP99Us / 1000;
  figure.p50_us = median_of(p50);
  figure.p99_us = median_of(p99);
  return figure;
}

}  // namespace

Figures measure_visibility(const Context& context) {
  std::vector<double> polled_p50, polled_p99, told_p50, told_p99;
  for (int run = 0; run < context.options.runs; ++run) {
    progress("event to visible answer");
    const auto result = run_once(context, run);
    if (!result) return tl::unexpected(result.error());
    polled_p50.push_back(result->polled.quantile_us(0.5));
    polled_p99.push_back(result->polled.quantile_us(0.99));
    told_p50.push_back(result->headline.quantile(0.5) * 1e6);
    told_p99.push_back(result->headline.quantile(0.99) * 1e6);
  }
  std::vector<Figure> figures{
      visible_figure("event to visible at 1000 events/s, polled", polled_p50, polled_p99),
      visible_figure("the same, as /metrics tells it", told_p50, told_p99)};
  figures[0].note = "simulated Armada, ingest, log, projector, query; polled over gRPC";
  figures[1].note = "interpolated within the histogram's buckets";
  return figures;
}

}  // namespace armada_cache::bench
