#include "tests/bench/frame.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "core/base/log.h"
#include "tests/bench/cpu.h"
#include "tests/bench/echo_process.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {
namespace {

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

std::filesystem::path make_scratch(const Options& options) {
  const std::filesystem::path parent = options.scratch_dir.empty()
                                           ? std::filesystem::temp_directory_path()
                                           : std::filesystem::path(options.scratch_dir);
  remove_leftovers(parent);
  const auto scratch = parent / (std::string(kScratchPrefix) + std::to_string(getpid()));
  std::filesystem::create_directories(scratch);
  return scratch;
}

base::Result<std::vector<Figure>> measure_one(const Measurement& measurement,
                                              const Context& context) {
  try {
    return measurement.measure(context);
  } catch (const std::exception& error) {  // of the tests' own parts, which cannot go on
    return base::fail(base::ErrorCode::kUnavailable, error.what());
  }
}

Report measure_all(std::span<const Measurement> measurements, const Context& context) {
  Report report;
  report.machine = this_machine();
  report.quick = context.options.quick;
  const CpuWatch watch;
  for (const Measurement& measurement : measurements) {
    if (!context.options.wants(measurement.name)) continue;
    auto figures = measure_one(measurement, context);
    if (figures) {
      for (const Figure& figure : *figures) progress(summary_of(figure));
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

int run(std::span<const Measurement> measurements, const Options& options) {
  Context context{options, make_scratch(options)};
  const Report report = measure_all(measurements, context);
  std::filesystem::remove_all(context.scratch);
  std::cout << "\n" << to_table(report);
  const auto written = write_file(options.json, to_json(report));
  if (!written) std::cerr << written.error().message << "\n";
  return written && report.failures.empty() ? 0 : 1;
}

}  // namespace

void progress(const std::string& what) {
  std::cerr << "... " << what << std::endl;
}

int bench_main(const std::vector<std::string>& arguments, std::span<const Measurement> measurements,
               const Options& defaults) {
  if (arguments.size() == 3 && arguments[0] == "echo") {
    return echo_main(arguments[1], std::stoi(arguments[2]));
  }
  if (arguments.size() == 2 && arguments[0] == "load") return load_main(arguments[1]);
  std::vector<std::string> names;
  for (const Measurement& measurement : measurements) names.emplace_back(measurement.name);
  if (arguments.size() == 1 && arguments[0] == "--help") {
    std::cout << options_help(defaults, names);
    return 0;
  }
  const auto options = parse_options(arguments, defaults, names);
  if (!options) {
    std::cerr << options.error().message << "\n";
    return 2;
  }
  if (!is_release_build() && !options->force) {
    std::cerr << "this is no release build, its figures would say nothing: use ./dev bench, or "
                 "--force\n";
    return 2;
  }
  base::set_log_level(base::LogLevel::kError);
  return run(measurements, *options);
}

}  // namespace armada_cache::bench
