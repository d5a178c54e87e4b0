// The process-wide bound on bytes that were read from Armada and not yet acknowledged by the log.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace armada_cache::ingest {

// Counts what is held; whoever finds it exhausted stops reading and waits for its turn, first come
// first served. One message a stream may go over the limit, as its size is known only once it is
// there. Not thread-safe.
class BufferBudget {
 public:
  explicit BufferBudget(std::size_t limit) : limit_(limit) {}

  void hold(std::size_t bytes) { held_ += bytes; }
  // Wakes waiters for as long as there is room.
  void release(std::size_t bytes);

  bool is_exhausted() const { return held_ >= limit_; }
  std::size_t held() const { return held_; }

  // `wake` is called once, from a later release(). It may hold bytes and wait again.
  void wait(std::function<void()> wake) { waiters_.push_back(std::move(wake)); }

 private:
  std::size_t limit_;
  std::size_t held_ = 0;
  std::deque<std::function<void()>> waiters_;
};

}  // namespace armada_cache::ingest
