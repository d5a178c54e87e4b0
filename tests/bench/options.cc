#include "tests/bench/options.h"

#include <sstream>

#include "core/base/settings.h"

namespace armada_cache::bench {
namespace {

constexpr base::Range kCount{1, 100'000'000};

void declare(base::Settings& settings, Options& options) {
  settings.section("armada-cache-bench: what this machine makes of the cache");
  settings.add("only", options.only,
               "measure only these, separated by commas: lookups, batches, projection, mixed, "
               "visibility, footprint");
  settings.add("quick", options.quick, "small sizes: shows that everything runs, says nothing");
  settings.add("force", options.force, "measure a build that is not the release build");
  settings.add("seconds", options.seconds, {1, 60}, "length of each run of a figure");
  settings.add("runs", options.runs, {1, 20}, "runs of each figure");
  settings.add("jobs", options.jobs, kCount, "live jobs in the large store");
  settings.add("scattered-jobs", options.scattered_jobs, kCount,
               "jobs between two events of one job in the scattered projection");
  settings.add("adjacent-jobs", options.adjacent_jobs, kCount, "jobs of the adjacent projection");
  settings.add("json", options.json, "file that the figures are written to");
  settings.add("scratch-dir", options.scratch_dir, "folder for the data of the run");
}

void make_quick(Options& options) {
  options.seconds = 1;
  options.runs = 1;
  options.jobs = 3000;
  options.scattered_jobs = 3000;
  options.adjacent_jobs = 1000;
}

bool is_flag_alone(const std::string& argument) {
  return argument == "--quick" || argument == "--force";
}

}  // namespace

bool Options::wants(std::string_view measurement) const {
  std::istringstream names(only);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == measurement) return true;
  }
  return only.empty();
}

base::Result<Options> parse_options(std::vector<std::string> arguments) {
  Options options;
  base::Settings settings;
  declare(settings, options);
  for (std::string& argument : arguments) {
    if (is_flag_alone(argument)) argument += "=true";
    if (argument == "--quick=true") make_quick(options);
  }
  const base::Status loaded =
      settings.load(arguments, [](const std::string&) { return std::optional<std::string>(); });
  if (!loaded) return tl::unexpected(loaded.error());
  return options;
}

std::string options_help() {
  Options options;
  base::Settings settings;
  declare(settings, options);
  return settings.help(base::Settings::Help::kAll);
}

}  // namespace armada_cache::bench
