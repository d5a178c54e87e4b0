// What a projection holds, as text, to be compared with another one of the same log.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/eventlog/event_log.h"

namespace armada_cache {

// Lines, by partition.
using ProjectionDump = std::map<eventlog::Partition, std::vector<std::string>>;

// The partitions that a projector's data folder has databases of.
std::vector<eventlog::Partition> partitions_in(const std::filesystem::path& data_dir);

// After applying what the log still holds beyond it. Throws std::runtime_error where that cannot be
// done: the test cannot run.
ProjectionDump dump_projection(const std::filesystem::path& data_dir,
                               const std::vector<eventlog::Partition>& partitions,
                               eventlog::Partition partition_count, eventlog::EventLog& log);

// "" where there is none.
std::string first_difference(const std::vector<std::string>& live,
                             const std::vector<std::string>& rebuilt);

}  // namespace armada_cache
