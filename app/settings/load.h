// How every command reads its settings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings/arguments.h"
#include "core/base/settings.h"

namespace armada_cache::app {

// Loads from the arguments, the process's environment and the configuration file. An exit status
// means that there is nothing more to do: help was asked for (0), or a setting is wrong (2, told on
// standard error). Environment variables that look like settings, and are none of any command, are
// warned of.
std::optional<int> load_or_explain(base::Settings& settings, const Arguments& arguments,
                                   const std::string& command);

// Of these environment variables ("NAME=value") the names that look like settings and are none.
std::vector<std::string> unknown_variables(const std::vector<std::string>& environment);

}  // namespace armada_cache::app
