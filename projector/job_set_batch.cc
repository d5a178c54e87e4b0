#include "projector/job_set_batch.h"

#include <algorithm>

namespace armada_cache::projector {

JobSetWork& JobSetBatch::of(JobSetView name) {
  if (last_ != nullptr && last_->name == name) return *last_;
  const auto found = by_name_.find(name);
  last_ = found != by_name_.end() ? found->second : &add(name, source_.job_set(name));
  return *last_;
}

JobSetWork& JobSetBatch::of(JobSetNumber number) {
  const auto found = by_number_.find(number);
  if (found != by_number_.end()) return *found->second;
  const JobSetEntry* entry = source_.job_set(number);
  return entry != nullptr ? of(JobSetView(entry->name)) : of(JobSetView());
}

JobSetWork& JobSetBatch::add(JobSetView name, const JobSetEntry* entry) {
  JobSetWork& work = works_.emplace_back();
  work.known = entry != nullptr;
  if (entry != nullptr) {
    work.entry = *entry;
  } else {
    work.entry.name = {std::string(name.queue), std::string(name.name)};
    work.entry.state.number = next_number_++;
  }
  work.name = JobSetView(work.entry.name);
  by_name_.emplace(work.name, &work);
  by_number_.emplace(work.entry.state.number, &work);
  return work;
}

void JobSetBatch::count(JobSetNumber number, int state, std::int64_t by) {
  if (state < 0 || static_cast<std::size_t>(state) >= kStateCount) return;
  JobSetWork& work = of(number);
  work.entry.state.jobs_by_state[static_cast<std::size_t>(state)] += by;
  work.changed = true;
}

std::vector<JobSetEntry> JobSetBatch::changed() const {
  std::vector<JobSetEntry> entries;
  entries.reserve(works_.size());
  for (const JobSetWork& work : works_) {
    if (work.changed) entries.push_back(work.entry);
  }
  std::sort(entries.begin(), entries.end(),
            [](const JobSetEntry& a, const JobSetEntry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace armada_cache::projector
