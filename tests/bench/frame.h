// The program around measurements: its arguments, a folder for data, the table and the file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/bench/context.h"

namespace armada_cache::bench {

struct Measurement {
  const char* name;
  Figures (*measure)(const Context&);
};

// The body of main(), and of the programs that measurements start of the same executable. Answers
// the exit status. `defaults` are what the arguments do not say.
int bench_main(const std::vector<std::string>& arguments, std::span<const Measurement> measurements,
               const Options& defaults);

}  // namespace armada_cache::bench
