// Reads what partitions of a topic hold now, once.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::ingest {

// Calls `each` for every record from the start of the given partitions up to the end offsets at the
// time of the call. Blocks. Returns where to read on.
base::Result<std::map<eventlog::TopicPartition, eventlog::Offset>> replay(
    eventlog::EventLog& log, std::string_view topic,
    const std::set<eventlog::Partition>& partitions,
    const std::function<void(const eventlog::RecordView&)>& each);

}  // namespace armada_cache::ingest
