// What a figure was measured on, without which it says nothing.
#pragma once

#include <cstdint>
#include <string>

namespace armada_cache::bench {

struct Machine {
  unsigned cores = 0;
  std::string cpu;
  std::uint64_t memory_bytes = 0;
  std::string kernel;
  std::string compiler;
  std::string build;  // the preset's build type, such as "Release"
};

Machine this_machine();
std::string describe(const Machine& machine);

// Whether this program was built to be measured: optimised, without assertions and sanitizers.
bool is_release_build();

}  // namespace armada_cache::bench
