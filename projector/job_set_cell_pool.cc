#include "projector/job_set_cell_pool.h"

namespace armada_cache::projector {

JobSetCell& JobSetCellPool::hold(const base::JobSet& job_set) {
  Held& held = held_[job_set];
  if (held.holders++ > 0) return *held.cell;
  if (unused_.empty()) {
    held.cell = &cells_.emplace_back();
  } else {
    held.cell = unused_.back();
    unused_.pop_back();
    held.cell->reset();
  }
  return *held.cell;
}

void JobSetCellPool::let_go(const base::JobSet& job_set) {
  const auto found = held_.find(job_set);
  if (found == held_.end() || --found->second.holders > 0) return;
  unused_.push_back(found->second.cell);
  held_.erase(found);
}

JobSetCell* JobSetCellPool::find(const base::JobSet& job_set) const {
  const auto found = held_.find(job_set);
  return found == held_.end() ? nullptr : found->second.cell;
}

lookup::AskedAnswer JobSetCellPool::asked(const lookup::AskedRequest& request,
                                          std::size_t scan_max) const {
  const std::int64_t since = base::to_unix_micros(request.since) / 1'000'000;
  lookup::AskedAnswer answer;
  auto at = held_.upper_bound(request.after);
  for (; at != held_.end(); ++at) {
    if (scan_max-- == 0 || answer.job_sets.size() == request.limit) {
      answer.next = std::prev(at)->first;
      return answer;
    }
    const std::uint32_t asked = at->second.cell->asked();
    if (asked != 0 && asked >= since) answer.job_sets.push_back(at->first);
  }
  return answer;
}

}  // namespace armada_cache::projector
