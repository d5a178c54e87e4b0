// The threads that may wait for the disk, so that nobody else does.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace armada_cache::projector {

// Thread-safe.
class ReadPool {
 public:
  using Task = std::function<void()>;

  ReadPool(std::size_t threads, std::size_t queue_max);
  ~ReadPool();

  // False, and the task is not run, when too many wait or after stop().
  bool submit(Task task);
  // Runs what was accepted, then ends the threads. May be called twice.
  void stop();

 private:
  void run();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace armada_cache::projector
