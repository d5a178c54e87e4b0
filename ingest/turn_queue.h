// The order in which job sets without a place get one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/base/clock.h"
#include "core/base/job_set.h"

namespace armada_cache::ingest {

// Those that wait come first, in the order in which they came; then those that rest and are due,
// the one due longest first. Holds each job set once, so its memory is bounded by them. Not
// thread-safe.
class TurnQueue {
 public:
  // Behind those that wait already; no effect on one of them.
  void wait(const base::JobSet& job_set);
  void rest(const base::JobSet& job_set, base::Time due);
  // One that rests is due by then at the latest.
  void hurry(const base::JobSet& job_set, base::Time due);
  // Whether it was here.
  bool erase(const base::JobSet& job_set);

  bool contains(const base::JobSet& job_set) const { return turns_.contains(job_set); }
  bool is_waiting(const base::JobSet& job_set) const;
  std::size_t waiting() const { return line_.size(); }
  template <typename Visit>
  void each(Visit visit) const {
    for (const auto& [job_set, turn] : turns_) visit(job_set);
  }

  std::optional<base::JobSet> next(base::Time now) const;
  // How many want a place now; counts no further than `most`.
  std::size_t ready(base::Time now, std::size_t most) const;
  // The first of those that rest, where it was due by then.
  std::optional<base::JobSet> due_by(base::Time then) const;
  // When the first that rests was or is due, and when the first that is due later than `now`.
  std::optional<base::Time> first_due() const;
  std::optional<base::Time> due_after(base::Time now) const;

 private:
  using Ticket = std::uint64_t;
  struct Turn {
    Ticket ticket = 0;  // 0: it rests
    base::Time due;
  };

  std::map<base::JobSet, Turn> turns_;
  std::map<Ticket, base::JobSet> line_;
  std::set<std::pair<base::Time, base::JobSet>> resting_;
  Ticket last_ticket_ = 0;
};

}  // namespace armada_cache::ingest
