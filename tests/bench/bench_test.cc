// Everything that is measured can be measured. How fast it was says nothing here.
#include <gmock/gmock.h>

#include "tests/bench/bench_run.h"
#include "tests/support/cache_process.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::bench {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Bench, MeasuresEverythingInSmall) {
  const auto names = figures_in_small("armada-cache-bench", std::chrono::minutes(4));
  for (const char* name :
       {"single lookups, 1 ", "batches of 500", "projection, a job's", "single lookups while",
        "event to visible", "disk at", "memory at", "start to first"}) {
    EXPECT_THAT(names, Contains(StartsWith(name)));
  }
}

TEST(Bench, RefusesAnUnknownFlagOrMeasurement) {
  const test_support::TempDir folder;
  for (const char* argument : {"--nonsense=1", "--only=lookups,nonsense"}) {
    test_support::Command command;
    command.program = test_support::program("armada-cache-bench");
    command.arguments = {argument};
    test_support::Process bench(command, folder.path());
    EXPECT_EQ(bench.wait_for_exit(std::chrono::seconds(20)), (test_support::ExitStatus{2, 0}));
    EXPECT_THAT(bench.standard_error(), HasSubstr("nonsense"));
  }
}

}  // namespace
}  // namespace armada_cache::bench
