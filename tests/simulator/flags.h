// armada-sim's command line.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/simulator/options.h"

namespace armada_cache::simulator {

struct CommandLine {
  Options options;
  std::string help;  // what to print instead of running, if not empty
};

// `arguments` are without the program's name. kInvalidArgument names the flag, the value and what
// is allowed.
base::Result<CommandLine> parse_flags(const std::vector<std::string>& arguments);

}  // namespace armada_cache::simulator
