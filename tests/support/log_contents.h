// What a cache's log holds, to be compared with what Armada sent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/job_set.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::test_support {

struct LogContents {
  // How often each upstream message of a job set is there, by its id.
  std::map<base::JobSet, std::map<std::string, int>> messages;
  std::uint64_t records = 0;
  std::uint64_t repeats = 0;     // records whose message was there before
  std::uint64_t unreadable = 0;  // records that are no EventStreamMessage with an id
  // What must never be: headers that contradict the message, a repeat with other bytes, a first
  // copy that is not newer than another one of its job set and partition and would be dropped, a
  // record in the wrong partition.
  std::vector<std::string> faults;
};

// Reads armada.events of the cache's data folder, which no process may hold. Throws
// std::runtime_error when the log cannot be opened or read.
LogContents read_log(const std::filesystem::path& data_dir, eventlog::Partition partitions);
// The same of any log that nothing is appended to.
LogContents read_log(eventlog::EventLog& log, eventlog::Partition partitions);

}  // namespace armada_cache::test_support
