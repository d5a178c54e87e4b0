// A whole benchmark in small, as its tests run it.
#pragma once

#include <chrono>
#include <set>
#include <string>

namespace armada_cache::bench {

// The names of the figures that the program tells; each of them is above 0, and nothing failed.
// Otherwise the test that calls this has failed.
std::set<std::string> figures_in_small(const std::string& program, std::chrono::seconds deadline);

}  // namespace armada_cache::bench
