#include "projector/goal_waiters.h"

namespace armada_cache::projector {

bool GoalWaiters::wait(FreshnessJudge::Goals goals, SteadyTime deadline,
                       std::function<void()> ready) {
  const std::lock_guard lock(mutex_);
  if (released_ || waiters_.size() >= waiters_max_) return false;
  waiters_.push_back({std::move(goals), deadline, std::move(ready)});
  count_.store(waiters_.size(), std::memory_order_release);
  return true;
}

void GoalWaiters::check(SteadyTime now) {
  if (count_.load(std::memory_order_acquire) == 0) return;
  std::vector<Waiter> ready;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < waiters_.size();) {
      if (waiters_[i].deadline > now && !FreshnessJudge::reached(waiters_[i].goals)) {
        ++i;
        continue;
      }
      ready.push_back(std::move(waiters_[i]));
      if (i + 1 < waiters_.size()) waiters_[i] = std::move(waiters_.back());
      waiters_.pop_back();
    }
    count_.store(waiters_.size(), std::memory_order_release);
  }
  for (const Waiter& waiter : ready) waiter.ready();
}

void GoalWaiters::release() {
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
  }
  check(SteadyTime::max());
}

}  // namespace armada_cache::projector
