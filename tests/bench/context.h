// What every measurement is given, and what measurements there are.
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

// Single lookups and batches over real gRPC, beside bare echo servers.
Figures measure_lookups(const Context& context);
Figures measure_batches(const Context& context);
// Events applied a second, beside bare RocksDB writes.
Figures measure_projection(const Context& context);
// Lookups at a given rate while events are applied as fast as they can be.
Figures measure_mixed(const Context& context);
// From an event's creation in a simulated Armada to the answer that shows it.
Figures measure_visibility(const Context& context);
// Disk, memory and start of a process that holds many live jobs.
Figures measure_footprint(const Context& context);

// Tells on standard error what is being done.
void progress(const std::string& what);

}  // namespace armada_cache::bench
