// What the appending program writes and the kill test checks: numbers that grow by one.
#pragma once

#include <map>
#include <string>

#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::numbered {

inline constexpr Partition kPartitions = 4;
inline const TopicSpec kEvents{.name = "events", .partitions = kPartitions};
inline const TopicSpec kLatest{
    .name = "latest", .partitions = kPartitions, .cleanup = Cleanup::kCompaction};

// What a log holds, by partition.
struct Contents {
  std::map<Partition, long> next;                           // of events: how many numbers
  std::map<Partition, std::map<std::string, long>> latest;  // the number each key has
  std::string fault;  // the first number or offset that is not what it must be; empty: none
};
Contents read_contents(EventLog& log);

}  // namespace armada_cache::eventlog::numbered
