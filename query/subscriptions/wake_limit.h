// How often a relay may be woken.
#pragma once

#include <cstddef>
#include <map>

#include "core/base/clock.h"
#include "core/base/job_set.h"

namespace armada_cache::query {

// Pure; not thread-safe. Remembers at most `job_sets_max` job sets, and lets no more be woken in an
// interval.
class WakeLimit {
 public:
  WakeLimit(base::Duration interval, std::size_t job_sets_max)
      : interval_(interval), job_sets_max_(job_sets_max) {}

  // Whether it may be woken now; if so, not again for the interval.
  bool admit(const base::JobSet& job_set, base::Time now) {
    const auto known = woken_.find(job_set);
    if (known != woken_.end() && now < known->second + interval_) return false;
    if (known == woken_.end() && woken_.size() >= job_sets_max_) {
      std::erase_if(woken_, [&](const auto& one) { return one.second + interval_ <= now; });
      if (woken_.size() >= job_sets_max_) return false;
    }
    woken_[job_set] = now;
    return true;
  }

 private:
  const base::Duration interval_;
  const std::size_t job_sets_max_;
  std::map<base::JobSet, base::Time> woken_;
};

}  // namespace armada_cache::query
