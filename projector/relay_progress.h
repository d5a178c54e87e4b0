// How much of each partition's relays is on the board, whoever brings it there: the partition
// itself while it is here, the follower of foreign relays otherwise.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>

#include "core/base/clock.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector {

// Any thread; one writer at a time for each partition.
class RelayProgress {
 public:
  explicit RelayProgress(eventlog::Partition count) : count_(count), at_(new At[index(count)]) {}

  eventlog::Partition count() const { return count_; }

  // All records below it are on the board.
  eventlog::Offset position(eventlog::Partition of) const {
    return at_[index(of)].position.load(std::memory_order_acquire);
  }
  void set_position(eventlog::Partition of, eventlog::Offset to) {
    at_[index(of)].position.store(to, std::memory_order_release);
  }

  // Everything appended up to then is on the board.
  base::Time as_of(eventlog::Partition of) const {
    return base::from_unix_micros(at_[index(of)].as_of_micros.load(std::memory_order_acquire));
  }
  void set_as_of(eventlog::Partition of, base::Time time) {
    at_[index(of)].as_of_micros.store(base::to_unix_micros(time), std::memory_order_release);
  }
  // Of all partitions.
  base::Time as_of() const {
    base::Time oldest = base::Time::max();
    for (eventlog::Partition i = 0; i < count_; ++i) oldest = std::min(oldest, as_of(i));
    return oldest;
  }

 private:
  struct At {
    std::atomic<eventlog::Offset> position = 0;
    std::atomic<std::int64_t> as_of_micros = 0;
  };

  static std::size_t index(eventlog::Partition partition) {
    return static_cast<std::size_t>(partition);
  }

  const eventlog::Partition count_;
  const std::unique_ptr<At[]> at_;
};

}  // namespace armada_cache::projector
