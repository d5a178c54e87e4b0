#include "projector/partition_map.h"

#include <algorithm>
#include <utility>

#include "core/topics/partitioner.h"

namespace armada_cache::projector {

PartitionMap::PartitionMap(std::vector<Partition*> partitions, eventlog::Partition count)
    : all_(std::move(partitions)), by_number_(static_cast<std::size_t>(count), nullptr) {
  std::sort(all_.begin(), all_.end(),
            [](const Partition* a, const Partition* b) { return a->number() < b->number(); });
  for (Partition* partition : all_) {
    by_number_[static_cast<std::size_t>(partition->number())] = partition;
  }
}

std::vector<eventlog::Partition> PartitionMap::numbers() const {
  std::vector<eventlog::Partition> numbers;
  numbers.reserve(all_.size());
  for (const Partition* partition : all_) numbers.push_back(partition->number());
  return numbers;
}

Partition* PartitionMap::of_job(std::string_view job_id) const {
  return find(topics::partition_of_job(job_id, count()));
}

PartitionMaps::PartitionMaps(eventlog::Partition count)
    : count_(count), holders_(std::make_shared<Holders>()), newest_(make({})) {}

HeldMap PartitionMaps::make(std::vector<Partition*> partitions) const {
  {
    const std::lock_guard lock(holders_->mutex);
    ++holders_->maps;
  }
  return {new PartitionMap(std::move(partitions), count_),
          [holders = holders_](const PartitionMap* map) {
            delete map;
            // Told under the lock: who waits may end the process's use of it at once.
            const std::lock_guard lock(holders->mutex);
            --holders->maps;
            holders->fewer.notify_all();
          }};
}

HeldMap PartitionMaps::now() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void PartitionMaps::replace(std::vector<Partition*> partitions) {
  HeldMap next = make(std::move(partitions));
  const std::lock_guard lock(mutex_);
  newest_.swap(next);
}

void PartitionMaps::await_holders() {
  std::unique_lock lock(holders_->mutex);
  holders_->fewer.wait(lock, [this] { return holders_->maps == 1; });
}

}  // namespace armada_cache::projector
