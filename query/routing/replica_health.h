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
  // Its answer was older than one before. Now and then that is so of any copy while much is
  // applied; many times on end means that it has to catch up.
  void behind(const std::string& target, Time now) {
    if (++behind_[target] >= kOftenBehind) failed(target, now);
  }
  void answered(const std::string& target) {
    if (!failed_.empty()) failed_.erase(target);
    if (!behind_.empty()) behind_.erase(target);
  }
  // Those that failed, and not so long ago that they may be tried again.
  Targets suspects(Time now);

 private:
  static constexpr int kOftenBehind = 10;

  const std::chrono::milliseconds cool_off_;
  std::map<std::string, Time> failed_;
  std::map<std::string, int> behind_;  // times since it last answered
};

}  // namespace armada_cache::query
