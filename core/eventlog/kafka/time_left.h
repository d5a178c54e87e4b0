// For librdkafka's calls, which take milliseconds.
#pragma once

#include <algorithm>
#include <chrono>

namespace armada_cache::eventlog::kafka {

// Rounded up; 0 once the deadline has passed.
inline std::chrono::milliseconds time_left(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(0));
}

}  // namespace armada_cache::eventlog::kafka
