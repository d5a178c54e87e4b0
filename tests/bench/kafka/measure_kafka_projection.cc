#include <algorithm>
#include <cmath>

#include "core/topics/codecs.h"
#include "tests/bench/kafka/bare_kafka.h"
#include "tests/bench/kafka/kafka_under_test.h"
#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/progress_watch.h"
#include "tests/bench/log_filler.h"
#include "tests/support/free_ports.h"
#include "tests/support/http_get.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tier_process.h"

namespace armada_cache::bench {
namespace {

constexpr double kAim = 120e3;
constexpr const char* kApplied = "armada_cache_projector_events_total{outcome=\"applied\"}";

struct Shape {
  std::string name;
  bool adjacent = false;
  std::uint64_t jobs = 0;
};

// Events, as the projector at this address tells; 0 while it tells nothing.
std::uint64_t applied(const std::string& http) {
  const auto answer = test_support::http_get(http, "/metrics");
  if (answer.status != 200) return 0;
  return static_cast<std::uint64_t>(std::max(test_support::metric(answer.body, kApplied), 0.0));
}

// By a projector with an empty disk.
Pace project(KafkaUnderTest& kafka, const Context& context, std::uint64_t events) {
  const test_support::TempDir disk;
  const std::string http = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
  test_support::TierOptions options{"projector", kafka.arguments(), context.scratch, http};
  options.arguments.push_back("--data-dir=" + disk.path().string());
  options.arguments.push_back("--group-prefix=" + disk.path().filename().string());
  test_support::TierProcess projector(options);
  return watch_progress(projector.process(), events, [&http] { return applied(http); });
}

Figure measure(const Context& context, const Shape& shape) {
  KafkaUnderTest kafka;
  LogFiller filler(kafka.log(), kPartitions);
  (shape.adjacent ? fill_adjacent : fill_scattered)(filler, {0, shape.jobs}, whole_life());
  if (auto filled = filler.finish(); !filled) throw std::runtime_error(filled.error().message);

  Figure figure;
  figure.name = "projection from Kafka, " + shape.name;
  figure.unit = "events/s";
  figure.aim = kAim;
  figure.ceiling_name = "bare consumer, 1 thread";
  std::vector<double> cpu_us, ceiling_cpu_us, starts;
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    const BareRun bare = consume_bare(
        kafka.servers(), KafkaUnderTest::beginning_of(topics::kEvents), filler.events());
    const Pace ours = project(kafka, context, filler.events());
    figure.runs.push_back(ours.a_second);
    figure.ceiling_runs.push_back(bare.records_a_second);
    cpu_us.push_back(ours.cpu_us);
    ceiling_cpu_us.push_back(bare.cpu_us);
    starts.push_back(ours.seconds_to_first);
    progress(figure.name + ": " + std::to_string(std::llround(ours.a_second)) +
             " events/s, bare consumer " + std::to_string(std::llround(bare.records_a_second)) +
             "/s");
  }
  figure.cpu_us = median_of(cpu_us);
  figure.ceiling_cpu_us = median_of(ceiling_cpu_us);
  figure.note = std::to_string(std::llround(median_of(starts) * 1000)) +
                " ms from the start of the process to the first event, not counted";
  return figure;
}

}  // namespace

Figures measure_kafka_projection(const Context& context) {
  const Options& options = context.options;
  return std::vector<Figure>{
      measure(context,
              {"a job's events adjacent", true, static_cast<std::uint64_t>(options.adjacent_jobs)}),
      measure(context, {std::to_string(options.scattered_jobs) + " jobs between", false,
                        static_cast<std::uint64_t>(options.scattered_jobs)})};
}

}  // namespace armada_cache::bench
