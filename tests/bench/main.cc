#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "core/base/log.h"
#include "tests/bench/context.h"
#include "tests/bench/cpu.h"
#include "tests/bench/echo_process.h"
#include "tests/bench/load_plan.h"

namespace {

namespace bench = armada_cache::bench;

struct Measurement {
  const char* name;
  bench::Figures (*measure)(const bench::Context&);
};

constexpr Measurement kMeasurements[] = {
    {"lookups", bench::measure_lookups},       {"batches", bench::measure_batches},
    {"projection", bench::measure_projection}, {"mixed", bench::measure_mixed},
    {"visibility", bench::measure_visibility}, {"footprint", bench::measure_footprint},
};

constexpr std::string_view kScratchPrefix = "armada-cache-bench-";

// What runs left behind that were killed.
void remove_leftovers(const std::filesystem::path& parent) {
  for (const auto& entry : std::filesystem::directory_iterator(parent)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kScratchPrefix)) continue;
    const std::string pid = name.substr(kScratchPrefix.size());
    if (std::filesystem::exists("/proc/" + pid)) continue;
    std::error_code not_ours;
    std::filesystem::remove_all(entry.path(), not_ours);
  }
}

std::filesystem::path make_scratch(const bench::Options& options) {
  const std::filesystem::path parent = options.scratch_dir.empty()
                                           ? std::filesystem::temp_directory_path()
                                           : std::filesystem::path(options.scratch_dir);
  remove_leftovers(parent);
  const auto scratch = parent / (std::string(kScratchPrefix) + std::to_string(getpid()));
  std::filesystem::create_directories(scratch);
  return scratch;
}

bench::Report measure_all(const bench::Context& context) {
  bench::Report report;
  report.machine = bench::this_machine();
  report.quick = context.options.quick;
  const bench::CpuWatch watch;
  for (const Measurement& measurement : kMeasurements) {
    if (!context.options.wants(measurement.name)) continue;
    auto figures = measurement.measure(context);
    if (figures) {
      for (const bench::Figure& figure : *figures) bench::progress(bench::summary_of(figure));
      report.figures.insert(report.figures.end(), figures->begin(), figures->end());
    } else {
      report.failures.push_back(std::string(measurement.name) + ": " + figures.error().message);
    }
    for (const auto& leftover : std::filesystem::directory_iterator(context.scratch)) {
      std::filesystem::remove_all(leftover);
    }
  }
  report.others_cpu_share = watch.others_share();
  return report;
}

int run(const bench::Options& options) {
  bench::Context context{options, make_scratch(options)};
  const bench::Report report = measure_all(context);
  std::filesystem::remove_all(context.scratch);
  std::cout << "\n" << bench::to_table(report);
  const auto written = bench::write_file(options.json, bench::to_json(report));
  if (!written) std::cerr << written.error().message << "\n";
  return written && report.failures.empty() ? 0 : 1;
}

}  // namespace

void bench::progress(const std::string& what) {
  std::cerr << "... " << what << std::endl;
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "echo") {
    return bench::echo_main(arguments[1], std::stoi(arguments[2]));
  }
  if (arguments.size() == 2 && arguments[0] == "load") return bench::load_main(arguments[1]);
  if (arguments.size() == 1 && arguments[0] == "--help") {
    std::cout << bench::options_help();
    return 0;
  }
  const auto options = bench::parse_options(arguments);
  if (!options) {
    std::cerr << options.error().message << "\n";
    return 2;
  }
  if (!bench::is_release_build() && !options->force) {
    std::cerr << "this is no release build, its figures would say nothing: use ./dev bench, or "
                 "--force\n";
    return 2;
  }
  armada_cache::base::set_log_level(armada_cache::base::LogLevel::kError);
  return run(*options);
}
