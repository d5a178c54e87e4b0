// Which projectors failed of late, and are better not asked first. Pure.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "query/routing/route.h"

namespace armada_cache::query {

// Not thread-safe.
class ReplicaHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ReplicaHealth(std::chrono::milliseconds cool_off) : cool_off_(cool_off) {}

  void failed(const std::string& target, Time now) { failed_[target] = now; }
  void answered(const std::string& target) {
    if (!failed_.empty()) failed_.erase(target);
  }
  // Those that failed, and not so long ago that they may be tried again.
  Targets suspects(Time now);

 private:
  const std::chrono::milliseconds cool_off_;
  std::map<std::string, Time> failed_;
};

}  // namespace armada_cache::query
