// How many appends of one appender are not settled.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace armada_cache::eventlog {

// Thread-safe.
class Outstanding {
 public:
  void begin() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  // One for each begin().
  void end() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  // Blocks for as long as that takes.
  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;
};

}  // namespace armada_cache::eventlog
