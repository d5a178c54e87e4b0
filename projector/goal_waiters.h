// Lookups that wait for the projection to reach the end of the log as of their question.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "projector/freshness.h"

namespace armada_cache::projector {

// Thread-safe.
class GoalWaiters {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  explicit GoalWaiters(std::size_t waiters_max) : waiters_max_(waiters_max) {}

  // Runs `ready` once, when the goals are reached or it is late, in check() or in release(). False,
  // and it is never run, when too many wait or after release().
  bool wait(FreshnessJudge::Goals goals, SteadyTime deadline, std::function<void()> ready);
  // To be called after something became visible, and now and then for the deadlines.
  void check(SteadyTime now);
  // Lets all go, and none in any more.
  void release();

 private:
  struct Waiter {
    FreshnessJudge::Goals goals;
    SteadyTime deadline;
    std::function<void()> ready;
  };

  const std::size_t waiters_max_;
  std::atomic<std::size_t> count_ = 0;
  std::mutex mutex_;
  std::vector<Waiter> waiters_;
  bool released_ = false;
};

}  // namespace armada_cache::projector
