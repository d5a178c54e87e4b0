#include "query/routing/high_water.h"

#include <algorithm>

namespace armada_cache::query {
namespace {

const lookup::Extent* find(const lookup::Extents& told, eventlog::Partition partition) {
  const auto at = std::ranges::find(told.partitions, partition, &lookup::Extent::partition);
  return at == told.partitions.end() ? nullptr : &*at;
}

}  // namespace

bool HighWater::same_life(const Mark& mark, const std::string& target,
                          const lookup::Extents& told) const {
  return mark.incarnation == told.incarnation && mark.target == target;
}

std::string HighWater::take(const std::string& target, const lookup::Extents& told,
                            const std::vector<eventlog::Partition>& of) {
  if (told.partitions.empty() || of.empty()) return {};
  const std::lock_guard lock(mutex_);
  const auto highest = static_cast<std::size_t>(*std::ranges::max_element(of));
  if (marks_.size() <= highest) marks_.resize(highest + 1);
  for (const eventlog::Partition partition : of) {
    const lookup::Extent* extent = find(told, partition);
    const Mark& mark = marks_[static_cast<std::size_t>(partition)];
    if (extent == nullptr || extent->least >= mark.most || same_life(mark, target, told)) continue;
    return "is at offset " + std::to_string(extent->least) + " of partition " +
           std::to_string(partition) + ", behind what was answered already (" +
           std::to_string(mark.most) + ")";
  }
  for (const eventlog::Partition partition : of) {
    const lookup::Extent* extent = find(told, partition);
    Mark& mark = marks_[static_cast<std::size_t>(partition)];
    if (extent != nullptr && extent->most > mark.most) {
      mark = {extent->most, told.incarnation, target};
    }
  }
  return {};
}

}  // namespace armada_cache::query
