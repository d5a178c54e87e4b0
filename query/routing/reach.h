// Whether any projector can be reached. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "query/routing/partition_directory.h"

namespace armada_cache::query {

// Not thread-safe.
class Reach {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using CanReach = std::function<bool(const std::string& target)>;

  explicit Reach(std::chrono::milliseconds patience) : patience_(patience) {}

  // Asks of each projector of the map whether it can be reached now. kUnavailable, with their
  // addresses, while none was ever reached, and once none was for longer than `patience`. That some
  // can be is enough: who asks about what the others have is told, and a query process that took
  // itself out for them would take the rest with it.
  base::Status look(const ProjectorMap& map, const CanReach& can_reach, Time now);

 private:
  const std::chrono::milliseconds patience_;
  std::optional<Time> reached_;  // the last time that any was
};

}  // namespace armada_cache::query
