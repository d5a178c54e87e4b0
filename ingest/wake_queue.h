// Who wants to be woken when.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/clock.h"

namespace armada_cache::ingest {

// At most one moment for each key. Not thread-safe.
template <typename Key>
class WakeQueue {
 public:
  // Replaces what was set for `key`; none removes it.
  void set(const Key& key, std::optional<base::Time> at) {
    const auto known = times_.find(key);
    if (known != times_.end()) {
      if (at && known->second == *at) return;
      queue_.erase({known->second, key});
      times_.erase(known);
    }
    if (!at) return;
    times_.emplace(key, *at);
    queue_.emplace(*at, key);
  }

  std::optional<base::Time> next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
  }

  // Removes the first key whose moment has come, and returns it.
  std::optional<Key> pop_due(base::Time now) {
    if (queue_.empty() || now < queue_.begin()->first) return std::nullopt;
    Key key = queue_.begin()->second;
    queue_.erase(queue_.begin());
    times_.erase(key);
    return key;
  }

 private:
  std::set<std::pair<base::Time, Key>> queue_;
  std::map<Key, base::Time> times_;
};

}  // namespace armada_cache::ingest
