// Everything that is measured over Kafka can be measured. How fast it was says nothing here.
#include <gmock/gmock.h>

#include "tests/bench/bench_run.h"

namespace armada_cache::bench {
namespace {

using ::testing::Contains;
using ::testing::StartsWith;

TEST(KafkaBench, MeasuresEverythingInSmall) {
  const auto names = figures_in_small("armada-cache-kafka-bench", std::chrono::minutes(9));
  for (const char* name :
       {"relay from Armada", "projection from Kafka, a job's", "projection from Kafka, 3000 jobs",
        "query + projector: single lookups, 1 ", "query + projector: batches of 500",
        "query + projector: single lookups while", "projection from Kafka during",
        "tiers: event to visible at 1000 ", "tiers: event to visible at 10000 ",
        "no answer when a projector is killed", "job sets without a relay", "broker back"}) {
    EXPECT_THAT(names, Contains(StartsWith(name)));
  }
}

}  // namespace
}  // namespace armada_cache::bench
