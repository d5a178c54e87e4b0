// What to measure, how long and where to write it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::bench {

struct Options {
  std::string only;  // names of measurements, separated by commas; empty = all
  bool quick = false;
  bool force = false;
  std::int64_t seconds = 2;  // of each run of a figure that is bounded by time
  std::int64_t runs = 3;
  std::int64_t jobs = 1'000'000;          // live jobs of the large store
  std::int64_t scattered_jobs = 500'000;  // between two events of a job
  std::int64_t adjacent_jobs = 200'000;
  std::string json = "build/bench.json";
  std::string scratch_dir;  // data of the run, removed afterwards; empty = the system's temporary

  bool wants(std::string_view measurement) const;
};

// What is not in the arguments is as in `options`; `names` are those of all measurements.
// kInvalidArgument names the flag.
base::Result<Options> parse_options(std::vector<std::string> arguments, Options options,
                                    const std::vector<std::string>& names);

// For a person: the flags.
std::string options_help(Options options, const std::vector<std::string>& names);

}  // namespace armada_cache::bench
