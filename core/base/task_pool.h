// Threads for what must not hold up others, and timers: how many threads, and how much may wait for
// them, is bounded.
#pragma once

#include <prometheus/gauge.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

namespace armada_cache::base {

// Thread-safe.
class TaskPool {
 public:
  enum class AtStop { kFinish, kDrop };  // what becomes of work that waits
  struct Options {
    std::size_t threads = 2;
    std::size_t queue_max = 1000;  // of work that has not begun
    AtStop at_stop = AtStop::kDrop;
  };

  // `queue_length`, where one is given, tells how much waits, and must outlive the pool.
  explicit TaskPool(const Options& options, prometheus::Gauge* queue_length = nullptr);
  ~TaskPool();  // stops

  // False: the queue is full, or the pool stopped; the caller sheds.
  bool try_post(std::function<void()> work);

  // Runs it after the delay, unless the pool stops before. Callers bound how many they have. Only
  // for pools that drop.
  void after(std::chrono::milliseconds delay, std::function<void()> work);

  // Takes nothing more, and waits for what is running. May be called twice.
  void stop();

 private:
  struct Threads;
  void begun();

  const Options options_;
  prometheus::Gauge* const queue_length_;
  std::mutex mutex_;
  std::size_t queued_ = 0;
  bool stopped_ = false;
  std::unique_ptr<Threads> threads_;
};

}  // namespace armada_cache::base
