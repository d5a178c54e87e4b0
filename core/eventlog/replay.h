// Reads what partitions of a topic hold now, once.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string_view>

#include "core/eventlog/event_log.h"
#include "core/eventlog/topic_follower.h"

namespace armada_cache::eventlog {

struct ReplayOptions {
  FollowOptions read;
  // Given up when nothing has come for so long.
  std::chrono::milliseconds patience = std::chrono::seconds(30);
  // Looked at before each poll: whether it is to be given up. May be empty.
  std::function<bool()> stopped;
};

// Calls `each` for every record from the start of the given partitions up to the end offsets at the
// time of the call. Blocks. Returns where to read on. kUnavailable: the log is not writable, or
// nothing comes any more; kCancelled: stopped.
base::Result<Positions> replay(const ReplayOptions& options, EventLog& log, std::string_view topic,
                               const std::set<Partition>& partitions,
                               const std::function<void(const RecordView&)>& each);

}  // namespace armada_cache::eventlog
