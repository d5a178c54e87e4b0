// Threads for what must not hold up the polling thread, and timers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "core/base/metrics.h"

namespace armada_cache::query {

// Thread-safe.
class WorkerPool {
 public:
  struct Options {
    std::size_t threads = 2;
    std::size_t queue_limit = 4096;  // of work that has not begun
  };

  WorkerPool(const Options& options, base::Metrics& metrics);
  ~WorkerPool();  // stops

  // False: the queue is full, or the pool stopped; the caller sheds.
  bool try_post(std::function<void()> work);

  // Runs it after the delay, unless the pool stops before. Callers bound how many they have.
  void after(std::chrono::milliseconds delay, std::function<void()> work);

  // Waits for what is running; what has not begun is dropped.
  void stop();

 private:
  struct Threads;

  const Options options_;
  std::atomic<std::size_t> queued_{0};
  std::atomic<bool> stopped_{false};
  prometheus::Gauge& queue_length_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace armada_cache::query
