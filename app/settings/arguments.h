// What a command is told on its command line, after its name.
#pragma once

#include <string>
#include <vector>

namespace armada_cache::app {

using Arguments = std::vector<std::string>;

}  // namespace armada_cache::app
