// How every command reads its settings.
#pragma once

#include <optional>
#include <string>

#include "app/commands.h"
#include "core/base/settings.h"

namespace armada_cache::app {

// Loads from the arguments, the process's environment and the configuration file. An exit status
// means that there is nothing more to do: help was asked for (0), or a setting is wrong (2, told on
// standard error).
std::optional<int> load_or_explain(base::Settings& settings, const Arguments& arguments,
                                   const std::string& command);

}  // namespace armada_cache::app
