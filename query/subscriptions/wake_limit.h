// How often a relay may be woken.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <utility>

#include "core/base/clock.h"
#include "core/base/job_set.h"

namespace armada_cache::query {

// Pure; not thread-safe. Remembers at most `job_sets_max` job sets, and lets no more be woken in an
// interval.
class WakeLimit {
 public:
  WakeLimit(base::Duration interval, std::size_t job_sets_max)
      : interval_(interval), job_sets_max_(job_sets_max) {}

  // Whether it may be woken now; if so, not again for the interval. Where `now` goes back, it only
  // takes longer.
  bool admit(const base::JobSet& job_set, base::Time now) {
    forget(now - interval_);
    if (woken_.size() >= job_sets_max_ || !woken_.insert(job_set).second) return false;
    in_order_.emplace_back(now, job_set);
    return true;
  }

 private:
  void forget(base::Time until) {
    while (!in_order_.empty() && in_order_.front().first <= until) {
      woken_.erase(in_order_.front().second);
      in_order_.pop_front();
    }
  }

  const base::Duration interval_;
  const std::size_t job_sets_max_;
  std::set<base::JobSet> woken_;
  std::deque<std::pair<base::Time, base::JobSet>> in_order_;  // the same, the oldest first
};

}  // namespace armada_cache::query
