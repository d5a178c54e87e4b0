#include "query/routing/reach.h"

#include <algorithm>
#include <utility>

#include "query/routing/route.h"

namespace armada_cache::query {
namespace {

std::string holders_of(const ProjectorMap& map, eventlog::Partition partition) {
  std::string named;
  for (const ProjectorEntry& entry : map.projectors) {
    if (!std::ranges::binary_search(entry.partitions, partition)) continue;
    named += (named.empty() ? "" : ", ") + entry.target;
  }
  return named;
}

}  // namespace

base::Status Reach::look(const ProjectorMap& map, const CanReach& can_reach, Time now) {
  std::map<std::string, Time> unreached;
  Targets away;
  for (const ProjectorEntry& entry : map.projectors) {
    if (can_reach(entry.target)) continue;
    const auto known = unreached_since_.find(entry.target);
    const Time since = known == unreached_since_.end() ? now : known->second;
    unreached.emplace(entry.target, since);
    if (now - since >= patience_) away.insert(entry.target);
  }
  unreached_since_ = std::move(unreached);
  for (eventlog::Partition partition = 0; partition < map.partitions; ++partition) {
    const auto asked = route(map, {&partition, 1}, away);
    if (asked) continue;
    const std::string holders = holders_of(map, partition);
    if (holders.empty()) return tl::unexpected(asked.error());
    return base::fail(asked.error().code, asked.error().message + "; not reached for " +
                                              std::to_string(patience_.count()) +
                                              " ms or longer: " + holders);
  }
  return {};
}

}  // namespace armada_cache::query
