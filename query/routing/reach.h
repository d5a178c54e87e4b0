// Whether for each partition a projector can be reached. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "query/routing/partition_directory.h"

namespace armada_cache::query {

// Not thread-safe.
class Reach {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using CanReach = std::function<bool(const std::string& target)>;

  // A projector counts as away once it could not be reached for so long.
  explicit Reach(std::chrono::milliseconds patience) : patience_(patience) {}

  // Asks of each projector of the map whether it can be reached now. kUnavailable names a
  // partition whose projectors are all away, and their addresses, or one that nobody has. To be
  // called more often than `patience`.
  base::Status look(const ProjectorMap& map, const CanReach& can_reach, Time now);

 private:
  const std::chrono::milliseconds patience_;
  std::map<std::string, Time> unreached_since_;
};

}  // namespace armada_cache::query
