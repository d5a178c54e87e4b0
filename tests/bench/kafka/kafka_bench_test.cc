// Everything that is measured over Kafka can be measured. How fast it was says nothing here.
#include <gmock/gmock.h>

#include "tests/bench/bench_run.h"

namespace armada_cache::bench {
namespace {

using ::testing::Contains;
using ::testing::StartsWith;

TEST(KafkaBench, MeasuresEverythingInSmall) {
  const auto names = figures_in_small("armada-cache-kafka-bench", std::chrono::minutes(4));
  for (const char* name : {"projection from Kafka, a job's", "projection from Kafka, 3000 jobs"}) {
    EXPECT_THAT(names, Contains(StartsWith(name)));
  }
}

}  // namespace
}  // namespace armada_cache::bench
