#include "tests/bench/frame.h"
#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/stream_source.h"

namespace {

namespace bench = armada_cache::bench;

constexpr bench::Measurement kMeasurements[] = {
    {"relay", bench::measure_relay},
    {"kafka-projection", bench::measure_kafka_projection},
    {"tiers-lookups", bench::measure_tiers_lookups},
    {"tiers-mixed", bench::measure_tiers_mixed},
    {"tiers-visibility", bench::measure_tiers_visibility},
    {"fail-over", bench::measure_fail_over},
};

bench::Options defaults() {
  bench::Options options;
  options.json = "build/bench-kafka.json";
  options.scattered_jobs = 200'000;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "simulate") {
    return bench::simulate_main({std::stoull(arguments[1]), std::stoull(arguments[2])});
  }
  return bench::bench_main(arguments, kMeasurements, defaults());
}
