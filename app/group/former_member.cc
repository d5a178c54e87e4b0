#include "app/group/former_member.h"

namespace armada_cache::app {

using eventlog::kafka::GroupMemberEntry;

base::Status free_to_join(eventlog::kafka::GroupDirectory& groups,
                          const eventlog::kafka::GroupOptions& member) {
  if (member.instance_id.empty()) return {};
  const auto described = groups.describe(std::vector{member.group}, member.topic);
  if (!described) return tl::unexpected(described.error());
  for (const GroupMemberEntry& other : described->front()) {
    if (other.client_id == member.client_id || !is_instance(other, member.instance_id)) continue;
    return base::fail(base::ErrorCode::kUnavailable,
                      "consumer group " + member.group + " has instance '" + member.instance_id +
                          "' at " + other.client_id + " and not at " + member.client_id +
                          " until the session there ends; if a process runs there, give each an "
                          "instance id of its own");
  }
  return {};
}

}  // namespace armada_cache::app
