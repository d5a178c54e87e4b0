// What is measured of parts of the cache in this process, and of the whole in one process.
#pragma once

#include "tests/bench/context.h"

namespace armada_cache::bench {

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

}  // namespace armada_cache::bench
