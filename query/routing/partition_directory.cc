#include "query/routing/partition_directory.h"

#include <map>
#include <set>
#include <utility>

namespace armada_cache::query {
namespace {

using base::ErrorCode;

std::map<std::string, std::vector<ProjectorEntry>> by_group(const ProjectorMap& map) {
  std::map<std::string, std::vector<ProjectorEntry>> groups;
  for (const ProjectorEntry& entry : map.projectors) groups[entry.group].push_back(entry);
  return groups;
}

// Given a map that passed the check.
bool whole(const std::vector<ProjectorEntry>& group, eventlog::Partition partitions) {
  std::size_t count = 0;
  for (const ProjectorEntry& entry : group) count += entry.partitions.size();
  return count == static_cast<std::size_t>(partitions);
}

}  // namespace

base::Status check(const ProjectorMap& map) {
  std::set<std::pair<std::string, eventlog::Partition>> seen;
  std::set<std::string> targets;
  for (const ProjectorEntry& entry : map.projectors) {
    const std::string who = "projector " + entry.target + " of group '" + entry.group + "'";
    if (!targets.insert(entry.target).second) {
      return base::fail(ErrorCode::kInvalidArgument, who + " is named twice");
    }
    for (const eventlog::Partition partition : entry.partitions) {
      if (partition < 0 || partition >= map.partitions) {
        return base::fail(ErrorCode::kInvalidArgument,
                          who + " is to have partition " + std::to_string(partition) +
                              ", but there are 0 to " + std::to_string(map.partitions - 1));
      }
      if (!seen.insert({entry.group, partition}).second) {
        return base::fail(ErrorCode::kInvalidArgument,
                          who + " is to have partition " + std::to_string(partition) +
                              ", which another of that group has already");
      }
    }
  }
  return {};
}

LastGoodMap::LastGoodMap(eventlog::Partition partitions)
    : partitions_(partitions),
      map_(std::make_shared<const ProjectorMap>(ProjectorMap{partitions, {}})) {}

base::Status LastGoodMap::learn(const ProjectorMap& map) {
  if (map.partitions != partitions_) {
    return base::fail(ErrorCode::kInvalidArgument, "a map of " + std::to_string(map.partitions) +
                                                       " partitions, but there are " +
                                                       std::to_string(partitions_));
  }
  if (auto checked = check(map); !checked) return checked;
  const std::lock_guard lock(mutex_);
  auto next = by_group(map);
  for (auto& [name, known] : by_group(*map_)) {
    if (whole(known, partitions_) && !whole(next[name], partitions_)) next[name] = std::move(known);
  }
  ProjectorMap merged{partitions_, {}};
  for (auto& [name, entries] : next) {
    for (ProjectorEntry& entry : entries) merged.projectors.push_back(std::move(entry));
  }
  map_ = std::make_shared<const ProjectorMap>(std::move(merged));
  return {};
}

std::shared_ptr<const ProjectorMap> LastGoodMap::map() const {
  const std::lock_guard lock(mutex_);
  return map_;
}

}  // namespace armada_cache::query
