// Who has which partition.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/record.h"

namespace armada_cache::query {

struct ProjectorEntry {
  std::string group;                            // the replica group; each has every partition once
  std::string target;                           // "host:port" of its lookups
  std::vector<eventlog::Partition> partitions;  // ascending, each once
};

struct ProjectorMap {
  eventlog::Partition partitions = 0;  // of the topics
  std::vector<ProjectorEntry> projectors;
};

// kInvalidArgument: a partition that does not exist, or twice in a group; a target twice.
base::Status check(const ProjectorMap& map);

// Thread-safe and cheap.
class PartitionDirectory {
 public:
  virtual ~PartitionDirectory() = default;
  // The last good map; one without projectors while none is known. Never null.
  virtual std::shared_ptr<const ProjectorMap> map() const = 0;
  // A projector of the map was not there, or did not have what the map says.
  virtual void doubt() {}
};

// For directories that learn: a group that was whole and is not for the moment, as while its
// partitions move, keeps what is known of it. Thread-safe.
class LastGoodMap {
 public:
  explicit LastGoodMap(eventlog::Partition partitions);

  // kInvalidArgument, and nothing changes: the map is none, or of another number of partitions.
  base::Status learn(const ProjectorMap& map);
  std::shared_ptr<const ProjectorMap> map() const;

 private:
  const eventlog::Partition partitions_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ProjectorMap> map_;
};

}  // namespace armada_cache::query
