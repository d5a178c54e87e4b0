// What every measurement is given and makes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/record.h"
#include "tests/bench/options.h"
#include "tests/bench/report.h"

namespace armada_cache::bench {

inline constexpr eventlog::Partition kPartitions = 8;

struct Context {
  Options options;
  std::filesystem::path scratch;  // a folder of this run's own
};

using Figures = base::Result<std::vector<Figure>>;

// Tells on standard error what is being done.
void progress(const std::string& what);

}  // namespace armada_cache::bench
