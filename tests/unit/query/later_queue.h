// What is to be done later, done when the test says so.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "query/answer/patience.h"

namespace armada_cache::query {

// Thread-safe.
class LaterQueue {
 public:
  Later later() {
    return [this](std::chrono::milliseconds delay, std::function<void()> work) {
      const std::lock_guard lock(mutex_);
      due_.emplace_back(delay, std::move(work));
    };
  }

  bool empty() const {
    const std::lock_guard lock(mutex_);
    return due_.empty();
  }
  std::chrono::milliseconds next_delay() const {
    const std::lock_guard lock(mutex_);
    return due_.front().first;
  }
  void run_one() { take()(); }

 private:
  std::function<void()> take() {
    const std::lock_guard lock(mutex_);
    auto work = std::move(due_.front().second);
    due_.pop_front();
    return work;
  }

  mutable std::mutex mutex_;
  std::deque<std::pair<std::chrono::milliseconds, std::function<void()>>> due_;
};

}  // namespace armada_cache::query
