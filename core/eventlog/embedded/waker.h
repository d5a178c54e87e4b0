// How a waiting reader learns that there is something to do.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace armada_cache::eventlog::embedded {

// One reader waits; anyone may wake it. A wake before the wait is not lost.
class Waker {
 public:
  enum class Cause { kRecords, kInterrupt, kTimeout };

  void records_came() { set(records_); }
  void interrupt() { set(interrupted_); }

  // Forgets earlier records_came(): call it before looking for records.
  void forget_records() {
    const std::lock_guard lock(mutex_);
    records_ = false;
  }
  // True once for any number of interrupt() before it.
  bool take_interrupt() {
    const std::lock_guard lock(mutex_);
    return std::exchange(interrupted_, false);
  }
  Cause wait_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [this] { return records_ || interrupted_; })) {
      return Cause::kTimeout;
    }
    if (std::exchange(interrupted_, false)) return Cause::kInterrupt;
    return Cause::kRecords;
  }

 private:
  void set(bool& flag) {
    const std::lock_guard lock(mutex_);
    flag = true;
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool records_ = false;
  bool interrupted_ = false;
};

// The readers of one partition. Thread-safe; a waker must be removed before it goes.
class Subscribers {
 public:
  void add(Waker* waker) {
    const std::lock_guard lock(mutex_);
    wakers_.push_back(waker);
  }
  void remove(Waker* waker) {
    const std::lock_guard lock(mutex_);
    std::erase(wakers_, waker);
  }
  void wake() {
    const std::lock_guard lock(mutex_);
    for (Waker* waker : wakers_) waker->records_came();
  }

 private:
  std::mutex mutex_;
  std::vector<Waker*> wakers_;
};

}  // namespace armada_cache::eventlog::embedded
