// What Armada's streams can deliver: read by gRPC alone, and thrown away.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/job_set.h"

namespace armada_cache::bench {

struct StreamsRead {
  std::uint64_t messages = 0;
  double a_second = 0;
};

// Reads each job set's stream to its end, all at once over one connection. Throws
// std::runtime_error where one fails.
StreamsRead read_streams(const std::string& address, const std::vector<base::JobSet>& job_sets);

}  // namespace armada_cache::bench
