#include "projector/sweeper.h"

#include "projector/layout.h"

namespace armada_cache::projector {

base::Result<std::size_t> Sweeper::step(base::Time now) {
  if (now < next_pass_) return std::size_t{0};
  if (!jobs_done_) return step_jobs(now - options_.retention);
  if (auto stepped = step_job_sets(now); !stepped) return tl::unexpected(stepped.error());
  return std::size_t{0};
}

base::Result<std::size_t> Sweeper::step_jobs(base::Time oldest) {
  const auto looked = partition_.store().finished_after(after_job_, options_.sweep_scan_max);
  if (!looked) return tl::unexpected(looked.error());
  std::vector<std::string_view> old;
  std::string after = after_job_;
  for (const auto& [id, status] : *looked) {
    if (old.size() == options_.sweep_delete_max) break;
    after = id;
    if (status.last_transition_seconds < to_unix_seconds(oldest)) old.push_back(id);
  }
  if (!old.empty()) {
    if (auto forgotten = partition_.forget(old); !forgotten) {
      return tl::unexpected(forgotten.error());
    }
  }
  jobs_done_ = looked->empty() ||
               (looked->size() < options_.sweep_scan_max && after == looked->back().first);
  after_job_ = jobs_done_ ? std::string() : after;
  return old.size();
}

base::Status Sweeper::step_job_sets(base::Time now) {
  const auto next = partition_.drop_silent_job_sets(after_job_set_, options_.sweep_scan_max,
                                                    now - options_.retention);
  if (!next) return tl::unexpected(next.error());
  after_job_set_ = *next;
  if (after_job_set_ == 0) {
    jobs_done_ = false;
    next_pass_ = now + options_.sweep_interval;
  }
  return {};
}

}  // namespace armada_cache::projector
