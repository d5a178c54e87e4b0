#include "projector/job_set_table.h"

#include <mutex>

namespace armada_cache::projector {

std::optional<JobSetState> JobSetTable::find(const base::JobSet& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(JobSetView(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second->state;
}

std::string JobSetTable::queue_of(JobSetNumber number) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? std::string() : found->second->name.queue;
}

std::optional<base::JobSet> JobSetTable::name_of(JobSetNumber number) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) return std::nullopt;
  return found->second->name;
}

std::size_t JobSetTable::size() const {
  const std::shared_lock lock(mutex_);
  return by_name_.size();
}

void JobSetTable::each(const std::function<void(const JobSetEntry&)>& visit) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [name, entry] : by_name_) visit(*entry);
}

const JobSetEntry* JobSetTable::peek(JobSetView name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second.get();
}

const JobSetEntry* JobSetTable::peek(JobSetNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

const JobSetEntry* JobSetTable::peek_after(JobSetNumber number) const {
  const JobSetEntry* entry = nullptr;
  while (entry == nullptr && ++number < next_number_) entry = peek(number);
  return entry;
}

void JobSetTable::put(std::span<const JobSetEntry> entries) {
  if (entries.empty()) return;
  const std::unique_lock lock(mutex_);
  for (const JobSetEntry& entry : entries) {
    const auto found = by_name_.find(JobSetView(entry.name));
    if (found != by_name_.end()) {
      found->second->state = entry.state;
      continue;
    }
    auto fresh = std::make_unique<JobSetEntry>(entry);
    next_number_ = std::max(next_number_, entry.state.number + 1);
    by_number_.emplace(entry.state.number, fresh.get());
    const JobSetView view(fresh->name);
    by_name_.emplace(view, std::move(fresh));
  }
}

void JobSetTable::erase(std::span<const base::JobSet> names) {
  const std::unique_lock lock(mutex_);
  for (const base::JobSet& name : names) {
    const auto found = by_name_.find(JobSetView(name));
    if (found == by_name_.end()) continue;
    by_number_.erase(found->second->state.number);
    const std::unique_ptr<JobSetEntry> kept = std::move(found->second);
    by_name_.erase(found);
  }
}

}  // namespace armada_cache::projector
