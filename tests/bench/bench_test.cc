// Everything that is measured can be measured. How fast it was says nothing here.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/support/cache_process.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::bench {
namespace {

using ::testing::Contains;
using ::testing::StartsWith;

boost::json::value read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return boost::json::parse(text.str());
}

TEST(Bench, MeasuresEverythingInSmall) {
  const test_support::TempDir folder;
  const std::filesystem::path file = folder.path() / "bench.json";
  test_support::Command command;
  command.program = test_support::program("armada-cache-bench");
  command.arguments = {"--quick", "--force", "--json=" + file.string(),
                       "--scratch-dir=" + folder.path().string()};
  test_support::Process bench(command, folder.path());
  const auto exit = bench.wait_for_exit(std::chrono::minutes(4));
  ASSERT_EQ(exit, (test_support::ExitStatus{0, 0}))
      << bench.standard_output() << bench.standard_error();

  const boost::json::value report = read_json(file);
  EXPECT_TRUE(report.at("failures").as_array().empty());
  std::set<std::string> names;
  for (const auto& figure : report.at("figures").as_array()) {
    names.insert(boost::json::value_to<std::string>(figure.at("name")));
    EXPECT_GT(figure.at("figure").as_double(), 0) << figure;
  }
  for (const char* name :
       {"single lookups, 1 ", "batches of 500", "projection, a job's", "single lookups while",
        "event to visible", "disk at", "memory at", "start to first"}) {
    EXPECT_THAT(names, Contains(StartsWith(name)));
  }
}

TEST(Bench, RefusesAnUnknownFlag) {
  const test_support::TempDir folder;
  test_support::Command command;
  command.program = test_support::program("armada-cache-bench");
  command.arguments = {"--nonsense=1"};
  test_support::Process bench(command, folder.path());
  EXPECT_EQ(bench.wait_for_exit(std::chrono::seconds(20)), (test_support::ExitStatus{2, 0}));
}

}  // namespace
}  // namespace armada_cache::bench
