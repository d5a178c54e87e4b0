// How many live jobs of each (pool, queue) are leased, pending or running.
#pragma once

#include <mutex>

#include "projector/change_set.h"

namespace armada_cache::projector {

// Thread-safe.
class ActiveQueues {
 public:
  void add(const ActiveChanges& changes) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, by] : changes) {
      std::int64_t& count = counts_[key];
      count += by;
      if (count == 0) counts_.erase(key);
    }
  }

  ActiveChanges counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  ActiveChanges counts_;
};

}  // namespace armada_cache::projector
