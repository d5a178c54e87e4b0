// Reads what partitions of a topic hold now, once.
#pragma once

#include <functional>
#include <set>
#include <string_view>

#include "core/eventlog/event_log.h"
#include "core/eventlog/topic_follower.h"

namespace armada_cache::eventlog {

// Calls `each` for every record from the start of the given partitions up to the end offsets at the
// time of the call. Blocks. Returns where to read on. kUnavailable, too, while the log is not
// writable.
base::Result<Positions> replay(const FollowOptions& options, EventLog& log, std::string_view topic,
                               const std::set<Partition>& partitions,
                               const std::function<void(const RecordView&)>& each);

}  // namespace armada_cache::eventlog
