#include "tests/bench/options.h"

#include <algorithm>
#include <sstream>

#include "core/base/settings.h"

namespace armada_cache::bench {
namespace {

constexpr base::Range kCount{1, 100'000'000};

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

void declare(base::Settings& settings, Options& options, const std::vector<std::string>& names) {
  settings.section(
      "armada-cache-bench and armada-cache-kafka-bench: what this machine makes of the cache");
  settings.add("only", options.only, "measure only these, separated by commas: " + joined(names));
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

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

bool Options::wants(std::string_view measurement) const {
  const auto wanted = split(only);
  return only.empty() || std::find(wanted.begin(), wanted.end(), measurement) != wanted.end();
}

base::Result<Options> parse_options(std::vector<std::string> arguments, Options options,
                                    const std::vector<std::string>& names) {
  base::Settings settings;
  declare(settings, options, names);
  for (std::string& argument : arguments) {
    if (is_flag_alone(argument)) argument += "=true";
    if (argument == "--quick=true") make_quick(options);
  }
  const base::Status loaded =
      settings.load(arguments, [](const std::string&) { return std::optional<std::string>(); });
  if (!loaded) return tl::unexpected(loaded.error());
  for (const std::string& name : split(options.only)) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "--only names '" + name + "'; there are: " + joined(names));
  }
  return options;
}

std::string options_help(Options options, const std::vector<std::string>& names) {
  base::Settings settings;
  declare(settings, options, names);
  return settings.help(base::Settings::Help::kAll);
}

}  // namespace armada_cache::bench
