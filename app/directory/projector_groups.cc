#include "app/directory/projector_groups.h"

#include <utility>

#include "core/base/address.h"
#include "core/topics/codecs.h"

namespace armada_cache::app {

std::string projector_group(const std::string& prefix, const std::string& replica_group) {
  return prefix + "-projector-" + replica_group;
}

std::vector<query::ProjectorEntry> projectors_of(
    const std::vector<std::string>& replica_groups,
    const std::vector<std::vector<eventlog::kafka::GroupMemberEntry>>& members) {
  std::vector<query::ProjectorEntry> projectors;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const eventlog::kafka::GroupMemberEntry& member : members[i]) {
      if (!base::parse_address(member.client_id)) continue;
      projectors.push_back({replica_groups[i], member.client_id, member.partitions});
    }
  }
  return projectors;
}

query::LearningDirectory::Look look_at_groups(eventlog::kafka::GroupDirectory& groups,
                                              const std::string& prefix,
                                              std::vector<std::string> replica_groups) {
  std::vector<std::string> names;
  names.reserve(replica_groups.size());
  for (const std::string& group : replica_groups) names.push_back(projector_group(prefix, group));
  return [&groups, names = std::move(names),
          replica_groups =
              std::move(replica_groups)]() -> base::Result<std::vector<query::ProjectorEntry>> {
    auto members = groups.describe(names, std::string(topics::kEvents));
    if (!members) return tl::unexpected(members.error());
    return projectors_of(replica_groups, *members);
  };
}

}  // namespace armada_cache::app
