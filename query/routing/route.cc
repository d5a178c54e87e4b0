#include "query/routing/route.h"

#include <algorithm>
#include <string_view>

namespace armada_cache::query {
namespace {

using eventlog::Partition;

// Into the map's strings; ascending, each once.
std::vector<std::string_view> groups_of(const ProjectorMap& map) {
  std::vector<std::string_view> names;
  names.reserve(map.projectors.size());
  for (const ProjectorEntry& entry : map.projectors) names.emplace_back(entry.group);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Gives `take` those that have the partition and are not avoided, the preferred group's first,
// until it wants no more.
template <typename Take>
void each_holder(const ProjectorMap& map, const std::vector<std::string_view>& groups,
                 Partition partition, const Targets& avoided, Take take) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto group = groups[(static_cast<std::size_t>(partition) + i) % groups.size()];
    for (const ProjectorEntry& entry : map.projectors) {
      if (entry.group != group || avoided.contains(entry.target)) continue;
      if (!std::ranges::binary_search(entry.partitions, partition)) continue;
      if (!take(entry)) return;
    }
  }
}

std::vector<const ProjectorEntry*> holders(const ProjectorMap& map,
                                           const std::vector<std::string_view>& groups,
                                           Partition partition, const Targets& avoided) {
  std::vector<const ProjectorEntry*> found;
  each_holder(map, groups, partition, avoided, [&](const ProjectorEntry& entry) {
    found.push_back(&entry);
    return true;
  });
  return found;
}

// Null: nobody.
const ProjectorEntry* preferred(const ProjectorMap& map,
                                const std::vector<std::string_view>& groups, Partition partition,
                                const Targets& avoided) {
  const ProjectorEntry* found = nullptr;
  each_holder(map, groups, partition, avoided, [&](const ProjectorEntry& entry) {
    found = &entry;
    return false;
  });
  return found;
}

tl::unexpected<base::Error> nobody_has(Partition partition) {
  return base::fail(base::ErrorCode::kUnavailable,
                    "no projector that can be reached has partition " + std::to_string(partition));
}

// Tries out which projectors fit together.
class Cover {
 public:
  Cover(const ProjectorMap& map, const Targets& avoided)
      : map_(map),
        avoided_(avoided),
        groups_(groups_of(map)),
        covered_(static_cast<std::size_t>(map.partitions), false) {}

  bool search() {
    const auto open = std::find(covered_.begin(), covered_.end(), false);
    if (open == covered_.end()) return true;
    const auto partition = static_cast<Partition>(open - covered_.begin());
    for (const ProjectorEntry* entry : holders(map_, groups_, partition, avoided_)) {
      if (--steps_left_ < 0) return false;
      if (!fits(*entry)) continue;
      mark(*entry, true);
      chosen_.push_back(entry);
      if (search()) return true;
      chosen_.pop_back();
      mark(*entry, false);
    }
    furthest_ = std::max(furthest_, partition);
    return false;
  }

  std::vector<const ProjectorEntry*> take() { return std::move(chosen_); }
  Partition furthest() const { return furthest_; }

 private:
  bool fits(const ProjectorEntry& entry) const {
    return std::none_of(entry.partitions.begin(), entry.partitions.end(),
                        [this](Partition p) { return covered_[static_cast<std::size_t>(p)]; });
  }
  void mark(const ProjectorEntry& entry, bool covered) {
    for (const Partition p : entry.partitions) covered_[static_cast<std::size_t>(p)] = covered;
  }

  const ProjectorMap& map_;
  const Targets& avoided_;
  const std::vector<std::string_view> groups_;
  std::vector<bool> covered_;
  std::vector<const ProjectorEntry*> chosen_;
  Partition furthest_ = 0;
  int steps_left_ = 10'000;
};

}  // namespace

base::Result<std::vector<Share>> route(const ProjectorMap& map,
                                       std::span<const Partition> partition_of_items,
                                       const Targets& avoided) {
  const std::vector<std::string_view> groups = groups_of(map);
  std::vector<const ProjectorEntry*> chosen(static_cast<std::size_t>(map.partitions), nullptr);
  std::vector<Share> shares;
  for (std::size_t i = 0; i < partition_of_items.size(); ++i) {
    const Partition partition = partition_of_items[i];
    const ProjectorEntry*& projector = chosen[static_cast<std::size_t>(partition)];
    const bool seen = projector != nullptr;
    if (!seen) projector = preferred(map, groups, partition, avoided);
    if (projector == nullptr) return nobody_has(partition);
    auto share = std::ranges::find(shares, projector, &Share::projector);
    if (share == shares.end()) share = shares.insert(share, {projector, {}, {}});
    share->at.push_back(i);
    if (!seen) share->partitions.push_back(partition);
  }
  for (Share& share : shares) std::ranges::sort(share.partitions);
  return shares;
}

base::Result<std::vector<const ProjectorEntry*>> cover(const ProjectorMap& map,
                                                       const Targets& avoided) {
  Cover search(map, avoided);
  if (!search.search()) return nobody_has(search.furthest());
  return search.take();
}

}  // namespace armada_cache::query
