// What lookups need of a job set for each of its jobs, without a lock.
#pragma once

#include <atomic>
#include <cstdint>

namespace armada_cache::projector {

// Any thread; one writer at a time for the limit.
class JobSetCell {
 public:
  static constexpr std::int64_t kNoLimit = INT64_MAX;

  // Unix microseconds up to which its jobs are known, or kNoLimit. `mark`: RelayBoard::mark() from
  // before the job was read: what the relay has brought since may not have been in there yet.
  std::int64_t limit_at(std::uint64_t mark) const {
    const std::int64_t limit = limit_.load(std::memory_order_acquire);
    return raised_.load(std::memory_order_relaxed) > mark ? before_.load(std::memory_order_relaxed)
                                                          : limit;
  }
  // `change`: of the board; counts where the limit becomes a later one.
  void set_limit(std::int64_t limit, std::uint64_t change) {
    const std::int64_t before = limit_.load(std::memory_order_relaxed);
    if (limit > before) {
      before_.store(before, std::memory_order_relaxed);
      raised_.store(change, std::memory_order_release);
    }
    limit_.store(limit, std::memory_order_release);
  }

  // Unix seconds of the last question for one of its jobs.
  std::uint32_t asked() const { return asked_.load(std::memory_order_relaxed); }
  void note_asked(std::uint32_t now) {
    if (asked_.load(std::memory_order_relaxed) != now) {
      asked_.store(now, std::memory_order_relaxed);
    }
  }

  // For another job set, that nobody was told of yet.
  void reset() {
    limit_.store(0, std::memory_order_relaxed);
    before_.store(0, std::memory_order_relaxed);
    raised_.store(0, std::memory_order_relaxed);
    asked_.store(0, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> limit_ = 0;
  std::atomic<std::int64_t> before_ = 0;
  std::atomic<std::uint64_t> raised_ = 0;
  std::atomic<std::uint32_t> asked_ = 0;
};

}  // namespace armada_cache::projector
