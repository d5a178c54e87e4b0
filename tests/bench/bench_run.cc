#include "tests/bench/bench_run.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "tests/support/cache_process.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::bench {
namespace {

boost::json::value read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return boost::json::parse(text.str());
}

}  // namespace

std::set<std::string> figures_in_small(const std::string& program, std::chrono::seconds deadline) {
  const test_support::TempDir folder;
  const std::filesystem::path file = folder.path() / "bench.json";
  test_support::Command command;
  command.program = test_support::program(program);
  command.arguments = {"--quick", "--force", "--json=" + file.string(),
                       "--scratch-dir=" + folder.path().string()};
  test_support::Process bench(command, folder.path());
  const auto exit = bench.wait_for_exit(deadline);
  EXPECT_EQ(exit, (test_support::ExitStatus{0, 0}))
      << bench.standard_output() << bench.standard_error();
  std::set<std::string> names;
  if (exit != test_support::ExitStatus{0, 0}) return names;
  const boost::json::value report = read_json(file);
  EXPECT_TRUE(report.at("failures").as_array().empty());
  for (const auto& figure : report.at("figures").as_array()) {
    names.insert(boost::json::value_to<std::string>(figure.at("name")));
    EXPECT_GT(figure.at("figure").as_double(), 0) << figure;
  }
  return names;
}

}  // namespace armada_cache::bench
