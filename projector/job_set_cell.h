// What lookups need of a job set for each of its jobs, without a lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "projector/relay_limit.h"

namespace armada_cache::projector {

// Any thread; one writer at a time for the limit.
class JobSetCell {
 public:
  // Unix microseconds up to which its jobs are known, or RelayLimit::kNone. `visible`: as it was
  // before the job was read.
  std::int64_t limit_at(base::Time visible) const { return limit_.at(visible); }
  void set_limit(const RelayLimit& limit) { limit_.set(limit); }

  // Unix seconds of the last question for one of its jobs.
  std::uint32_t asked() const { return asked_.load(std::memory_order_relaxed); }
  void note_asked(std::uint32_t now) {
    if (asked_.load(std::memory_order_relaxed) != now) {
      asked_.store(now, std::memory_order_relaxed);
    }
  }

  // For another job set.
  void reset() {
    limit_.set({});
    asked_.store(0, std::memory_order_relaxed);
  }

 private:
  SharedRelayLimit limit_;
  std::atomic<std::uint32_t> asked_ = 0;
};

}  // namespace armada_cache::projector
