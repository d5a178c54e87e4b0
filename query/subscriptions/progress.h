// Who waits for which record to be read back.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/record.h"

namespace armada_cache::query {

// Not thread-safe: its owner locks. Callbacks are handed out, to be run without the lock.
class Progress {
 public:
  using Waiter = std::function<void(base::Status)>;

  explicit Progress(eventlog::Partition partitions) : read_(static_cast<std::size_t>(partitions)) {}

  bool reached(eventlog::Partition partition, eventlog::Offset offset) const {
    return read_[static_cast<std::size_t>(partition)] > offset;
  }

  void wait_for(eventlog::Partition partition, eventlog::Offset offset, Waiter waiter) {
    waiting_.emplace(std::pair(partition, offset), std::move(waiter));
  }

  // Everything below `positions` is read: those who waited for it.
  std::vector<Waiter> advance(const eventlog::Positions& positions) {
    for (const auto& [of, offset] : positions) {
      read_[static_cast<std::size_t>(of.partition)] = offset;
    }
    std::vector<Waiter> due;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (reached(at->first.first, at->first.second)) {
        due.push_back(std::move(at->second));
        at = waiting_.erase(at);
      } else {
        ++at;
      }
    }
    return due;
  }

  std::vector<Waiter> give_up() {
    std::vector<Waiter> all;
    for (auto& [at, waiter] : waiting_) all.push_back(std::move(waiter));
    waiting_.clear();
    return all;
  }

 private:
  std::vector<eventlog::Offset> read_;
  std::multimap<std::pair<eventlog::Partition, eventlog::Offset>, Waiter> waiting_;
};

}  // namespace armada_cache::query
