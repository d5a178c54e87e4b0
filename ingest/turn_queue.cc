#include "ingest/turn_queue.h"

#include <algorithm>

namespace armada_cache::ingest {

using base::JobSet;
using base::Time;

void TurnQueue::wait(const JobSet& job_set) {
  if (is_waiting(job_set)) return;
  erase(job_set);
  turns_[job_set] = {++last_ticket_, {}};
  line_[last_ticket_] = job_set;
}

void TurnQueue::rest(const JobSet& job_set, Time due) {
  erase(job_set);
  turns_[job_set] = {0, due};
  resting_.emplace(due, job_set);
}

void TurnQueue::hurry(const JobSet& job_set, Time due) {
  const auto found = turns_.find(job_set);
  if (found == turns_.end() || found->second.ticket != 0 || found->second.due <= due) return;
  rest(JobSet(job_set), due);
}

bool TurnQueue::erase(const JobSet& job_set) {
  const auto found = turns_.find(job_set);
  if (found == turns_.end()) return false;
  line_.erase(found->second.ticket);
  resting_.erase({found->second.due, job_set});
  turns_.erase(found);
  return true;
}

bool TurnQueue::is_waiting(const JobSet& job_set) const {
  const auto found = turns_.find(job_set);
  return found != turns_.end() && found->second.ticket != 0;
}

std::optional<JobSet> TurnQueue::next(Time now) const {
  if (!line_.empty()) return line_.begin()->second;
  if (resting_.empty() || now < resting_.begin()->first) return std::nullopt;
  return resting_.begin()->second;
}

std::size_t TurnQueue::ready(Time now, std::size_t most) const {
  std::size_t count = std::min(line_.size(), most);
  for (auto at = resting_.begin(); at != resting_.end() && count < most && at->first <= now; ++at) {
    ++count;
  }
  return count;
}

std::optional<JobSet> TurnQueue::due_by(Time then) const {
  if (resting_.empty() || resting_.begin()->first > then) return std::nullopt;
  return resting_.begin()->second;
}

std::optional<Time> TurnQueue::first_due() const {
  if (resting_.empty()) return std::nullopt;
  return resting_.begin()->first;
}

std::optional<Time> TurnQueue::due_after(Time now) const {
  const auto next = resting_.lower_bound({now + base::Duration(1), JobSet()});
  if (next == resting_.end()) return std::nullopt;
  return next->first;
}

}  // namespace armada_cache::ingest
