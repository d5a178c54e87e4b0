#include "tests/bench/frame.h"
#include "tests/bench/measurements.h"

namespace {

namespace bench = armada_cache::bench;

constexpr bench::Measurement kMeasurements[] = {
    {"lookups", bench::measure_lookups},       {"batches", bench::measure_batches},
    {"projection", bench::measure_projection}, {"mixed", bench::measure_mixed},
    {"visibility", bench::measure_visibility}, {"footprint", bench::measure_footprint},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::bench_main({argv + 1, argv + argc}, kMeasurements, {});
}
