#include "projector/partition_mover.h"

#include <algorithm>
#include <iterator>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/dump.h"
#include "projector/in_parallel.h"

namespace armada_cache::projector {
namespace {

using Numbers = std::vector<eventlog::Partition>;

std::shared_ptr<const SharedMemory> shared_memory(const Options& options) {
  auto memory = std::make_shared<SharedMemory>();
  memory->block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  memory->write_buffers = std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  memory->share = share_of(options, 0);
  return memory;
}

}  // namespace

PartitionMover::PartitionMover(const Options& options, const Parts& parts)
    : options_(options), parts_(parts), memory_(shared_memory(options)) {
  // Compaction may wait, lookups may not.
  rocksdb::Env::Default()->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
}

base::Status PartitionMover::take(const Numbers& numbers, const GiveUp& give_up) {
  const std::lock_guard lock(mutex_);
  Numbers fresh;
  std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(fresh),
               [this](eventlog::Partition number) { return !partitions_.contains(number); });
  share_memory(partitions_.size() + fresh.size());
  auto taken = open(fresh, give_up).and_then([&](Arrivals arrivals) {
    auto rewound = rewind_to_log(arrivals, give_up);
    return rewound ? move_in(std::move(arrivals)) : rewound;
  });
  share_memory(partitions_.size());
  return taken;
}

base::Result<PartitionMover::Arrivals> PartitionMover::open(const Numbers& numbers,
                                                            const GiveUp& give_up) {
  Arrivals arrivals(numbers.size());
  auto opened = in_parallel(options_.worker_threads, numbers.size(), [&](std::size_t i) {
    if (give_up()) return given_up();
    auto partition = Partition::open(numbers[i], options_, memory_, parts_.relays, parts_.progress);
    if (!partition) return base::Status(tl::unexpected(partition.error()));
    arrivals[i] = *std::move(partition);
    return base::Status();
  });
  if (auto all = first_error(std::move(opened)); !all) return tl::unexpected(all.error());
  return arrivals;
}

// Asked once they are open, when nobody else moves them on any more.
base::Status PartitionMover::rewind_to_log(const Arrivals& arrivals, const GiveUp& give_up) {
  std::vector<eventlog::TopicPartition> of;
  for (const auto& partition : arrivals) {
    for (const std::string_view topic : {topics::kEvents, topics::kRelays}) {
      of.push_back({std::string(topic), partition->number()});
    }
  }
  if (of.empty()) return {};
  const auto ends = await_ends(parts_.log, of, give_up);
  if (!ends) return tl::unexpected(ends.error());
  for (const auto& partition : arrivals) {
    const auto end = [&](std::string_view topic) {
      return ends->at({std::string(topic), partition->number()});
    };
    auto rewound = rewind_to_log(*partition, {end(topics::kEvents), end(topics::kRelays)});
    if (!rewound) return rewound;
  }
  return {};
}

// A power failure can take more of the log's tail than of the projection's, or somebody put another
// log in its place. What comes there is applied from its end on; repeats have no effect. Relays
// that this log does not hold may never be told of again: those wanted are told anew.
base::Status PartitionMover::rewind_to_log(Partition& partition, const Positions& end) {
  const Positions applied = partition.applied();
  const Positions within{std::min(applied.events, end.events),
                         std::min(applied.relays, end.relays)};
  if (within == applied) return {};
  base::log_warn("the log ends before the projection does; applying goes on from its end",
                 {{"partition", partition.number()},
                  {"events", applied.events},
                  {"events_end", end.events},
                  {"relays", applied.relays},
                  {"relays_end", end.relays}});
  if (within.relays < applied.relays) return partition.forget_relays(within);
  partition.skip_to(within);
  return {};
}

// Somebody brings each relay to the board at any moment, and lookups find a partition only once its
// relays are there.
base::Status PartitionMover::move_in(Arrivals arrivals) {
  Numbers numbers;
  for (const auto& partition : arrivals) numbers.push_back(partition->number());
  if (following_) parts_.foreign.leave(numbers);
  for (const auto& partition : arrivals) {
    auto taken_over = partition->take_over_relays(parts_.clock.now());
    if (taken_over) continue;
    if (following_) parts_.foreign.follow(numbers);
    return taken_over;
  }
  for (auto& partition : arrivals) partitions_[partition->number()] = std::move(partition);
  publish();
  for (const eventlog::Partition number : numbers) parts_.workers.add(*partitions_.at(number));
  return {};
}

void PartitionMover::release(const Numbers& numbers) {
  const std::lock_guard lock(mutex_);
  Arrivals gone;
  Numbers left;
  for (const eventlog::Partition number : numbers) {
    const auto found = partitions_.find(number);
    if (found == partitions_.end()) continue;
    parts_.workers.remove(number);
    gone.push_back(std::move(found->second));
    partitions_.erase(found);
    left.push_back(number);
  }
  if (following_) parts_.foreign.follow(left);
  publish();
  parts_.maps.await_holders();
  gone.clear();
  for (const eventlog::Partition number : left) parts_.metrics.forget(number);
  share_memory(partitions_.size());
}

void PartitionMover::follow_others() {
  const std::lock_guard lock(mutex_);
  Numbers others;
  for (eventlog::Partition i = 0; i < options_.partition_count; ++i) {
    if (!partitions_.contains(i)) others.push_back(i);
  }
  following_ = true;
  parts_.foreign.follow(others);
}

void PartitionMover::share_memory(std::size_t partitions) {
  const MemoryShare share = share_of(options_, partitions);
  if (share == memory_->share) return;
  auto memory = std::make_shared<SharedMemory>(*memory_);
  memory->share = share;
  memory_ = std::move(memory);
  for (const auto& [number, partition] : partitions_) partition->set_memory(memory_);
}

void PartitionMover::publish() {
  std::vector<Partition*> here;
  for (const auto& [number, partition] : partitions_) here.push_back(partition.get());
  parts_.maps.replace(std::move(here));
}

base::Status PartitionMover::flush() {
  const std::lock_guard lock(mutex_);
  std::vector<Partition*> all;
  for (const auto& [number, partition] : partitions_) all.push_back(partition.get());
  return first_error(in_parallel(options_.worker_threads, all.size(),
                                 [&](std::size_t i) { return all[i]->flush(); }));
}

base::Status PartitionMover::dump(std::ostream& out) {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, partition] : partitions_) {
    if (auto dumped = projector::dump(*partition, out); !dumped) return dumped;
  }
  return {};
}

}  // namespace armada_cache::projector
