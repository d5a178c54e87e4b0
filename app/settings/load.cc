#include "app/settings/load.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

#include "app/settings/show.h"
#include "app/settings/standalone.h"
#include "app/settings/tiers.h"
#include "core/base/log.h"

namespace armada_cache::app {
namespace {

template <typename Values>
void add_variables(std::set<std::string>& variables) {
  Values values;
  base::Settings settings;
  declare(values, settings);
  for (const std::string& name : settings.names()) {
    variables.insert(base::Settings::environment_name(name));
  }
}

// A machine may have one environment for several commands.
std::set<std::string> variables_of_all_commands() {
  std::set<std::string> variables{base::Settings::environment_name("config")};
  add_variables<ShowSettings>(variables);
  add_variables<StandaloneSettings>(variables);
  add_variables<IngestSettings>(variables);
  add_variables<ProjectorSettings>(variables);
  add_variables<QuerySettings>(variables);
  return variables;
}

void warn_of_unknown_variables() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  for (const std::string& name : unknown_variables(environment)) {
    base::log_warn("an environment variable looks like a setting, and is none",
                   {{"variable", name}});
  }
}

std::optional<base::Settings::Help> wanted_help(const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return base::Settings::Help::kUsual;
    if (argument == "--help-all") return base::Settings::Help::kAll;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> load_or_explain(base::Settings& settings, const Arguments& arguments,
                                   const std::string& command) {
  if (const auto help = wanted_help(arguments)) {
    std::cout << "usage: armada-cache " << command << " [--setting=value ...]\n"
              << settings.help(*help);
    return 0;
  }
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  if (const auto loaded = settings.load(arguments, environment); !loaded) {
    std::cerr << "armada-cache " << command << ": " << loaded.error().message << "\n";
    return 2;
  }
  warn_of_unknown_variables();
  return std::nullopt;
}

std::vector<std::string> unknown_variables(const std::vector<std::string>& environment) {
  const std::set<std::string> known = variables_of_all_commands();
  std::vector<std::string> unknown;
  for (const std::string& entry : environment) {
    std::string name = entry.substr(0, entry.find('='));
    if (name.starts_with("ARMADA_CACHE_") && !known.contains(name)) {
      unknown.push_back(std::move(name));
    }
  }
  return unknown;
}

}  // namespace armada_cache::app
