// Projectors as the consumer groups that they are: one group for each replica group, whose members'
// client ids are the addresses of their lookups.
#pragma once

#include <string>
#include <vector>

#include "core/eventlog/kafka/group_directory.h"
#include "query/routing/learning_directory.h"

namespace armada_cache::app {

// "PREFIX-projector-GROUP".
std::string projector_group(const std::string& prefix, const std::string& replica_group);

// Members whose client id is no address are left out. Pure.
std::vector<query::ProjectorEntry> projectors_of(
    const std::vector<std::string>& replica_groups,
    const std::vector<std::vector<eventlog::kafka::GroupMemberEntry>>& members);

// The directory must outlive what is returned.
query::LearningDirectory::Look look_at_groups(eventlog::kafka::GroupDirectory& groups,
                                              const std::string& prefix,
                                              std::vector<std::string> replica_groups);

}  // namespace armada_cache::app
