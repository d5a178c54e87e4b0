// What a group still holds of a process that was there under the same instance id.
#pragma once

#include "core/base/error.h"
#include "core/eventlog/kafka/group_directory.h"
#include "core/eventlog/kafka/group_member.h"

namespace armada_cache::app {

// Whether one that joins so is told to others by its own client id. Brokers keep that of the former
// process where its session goes on under another: kUnavailable says so, until it has ended. Other
// errors as of GroupDirectory::describe.
base::Status free_to_join(eventlog::kafka::GroupDirectory& groups,
                          const eventlog::kafka::GroupOptions& member);

}  // namespace armada_cache::app
