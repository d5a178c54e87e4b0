// Up to when the jobs of a job set are known, as its relay says, and from when on that counts.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "core/base/clock.h"

namespace armada_cache::projector {

// A relay's record may be applied before the events that it vouches for, which lie in other
// partitions of the log. They were appended before it, so its limit counts for who has seen
// everything that was appended up to then; for others, the one before. All in Unix microseconds.
struct RelayLimit {
  static constexpr std::int64_t kNone = INT64_MAX;

  std::int64_t limit = 0;
  std::int64_t raised = 0;       // when what `limit` vouches for was in the log
  std::int64_t before = 0;       // until then
  std::int64_t before_from = 0;  // when what `before` vouches for was in the log

  // For who has seen everything that was appended up to `visible`.
  std::int64_t at(std::int64_t visible) const {
    if (visible >= raised) return limit;
    return visible >= before_from ? std::min(before, limit) : 0;
  }

  // `from`: when what it vouches for was in the log; `visible`: what lookups see by now.
  void raise(std::int64_t to, std::int64_t from, std::int64_t visible) {
    if (visible >= raised) {
      before = limit;
      before_from = raised;
    }
    before = std::min(before, limit);
    raised = std::max(raised, from);
    limit = to;
  }
  void lower(std::int64_t to) {
    before = std::min(before, to);
    limit = to;
  }
  void change(std::int64_t to, std::int64_t from, std::int64_t visible) {
    if (to > limit) return raise(to, from, visible);
    lower(to);
  }
};

// One that is read without a lock. Any thread; one writer at a time.
class SharedRelayLimit {
 public:
  // What was raised after `visible` was asked for is not counted, however late this is called.
  std::int64_t at(base::Time visible) const {
    RelayLimit seen;
    seen.limit = limit_.load(std::memory_order_acquire);
    seen.raised = raised_.load(std::memory_order_acquire);
    seen.before = before_.load(std::memory_order_acquire);
    seen.before_from = before_from_.load(std::memory_order_acquire);
    return seen.at(base::to_unix_micros(visible));
  }
  std::int64_t last() const { return limit_.load(std::memory_order_acquire); }

  // In the opposite order of reading: who sees a value sees what goes with it, or something newer,
  // which only makes an answer older.
  void set(const RelayLimit& to) {
    before_from_.store(to.before_from, std::memory_order_release);
    before_.store(to.before, std::memory_order_release);
    raised_.store(to.raised, std::memory_order_release);
    limit_.store(to.limit, std::memory_order_release);
  }

 private:
  std::atomic<std::int64_t> limit_ = 0;
  std::atomic<std::int64_t> raised_ = 0;
  std::atomic<std::int64_t> before_ = 0;
  std::atomic<std::int64_t> before_from_ = 0;
};

}  // namespace armada_cache::projector
