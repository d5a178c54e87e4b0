// Which partitions are here, for lookups that must not wait while partitions come and go.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "projector/partition.h"

namespace armada_cache::projector {

// The partitions that are here at one moment, in the order of their numbers. Immutable.
class PartitionMap {
 public:
  PartitionMap(std::vector<Partition*> partitions, eventlog::Partition count);

  std::span<Partition* const> all() const { return all_; }
  std::vector<eventlog::Partition> numbers() const;
  // Of the topics, here or not.
  eventlog::Partition count() const { return static_cast<eventlog::Partition>(by_number_.size()); }
  // Null where it is not here.
  Partition* find(eventlog::Partition number) const {
    return by_number_[static_cast<std::size_t>(number)];
  }
  Partition* of_job(std::string_view job_id) const;

 private:
  std::vector<Partition*> all_;
  std::vector<Partition*> by_number_;
};

// Its partitions stay open while it is held.
using HeldMap = std::shared_ptr<const PartitionMap>;

// The newest map. Thread-safe.
class PartitionMaps {
 public:
  explicit PartitionMaps(eventlog::Partition count);

  HeldMap now() const;
  void replace(std::vector<Partition*> partitions);
  // Returns when nobody holds a former one any more. Not within a lookup.
  void await_holders();

 private:
  struct Holders {
    std::mutex mutex;
    std::condition_variable fewer;
    std::size_t maps = 0;  // that somebody holds, the newest too
  };

  HeldMap make(std::vector<Partition*> partitions) const;

  const eventlog::Partition count_;
  const std::shared_ptr<Holders> holders_;
  mutable std::mutex mutex_;
  HeldMap newest_;
};

}  // namespace armada_cache::projector
