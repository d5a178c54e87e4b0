#include "app/settings.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace armada_cache::app {

std::optional<int> load_or_explain(base::Settings& settings, const Arguments& arguments,
                                   const std::string& command) {
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    std::cout << "usage: armada-cache " << command << " [--setting=value ...]\n" << settings.help();
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
  return std::nullopt;
}

}  // namespace armada_cache::app
