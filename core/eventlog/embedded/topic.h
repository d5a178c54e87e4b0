// What the running log knows of a topic: its specification, its column families, its offsets.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/embedded/chunk.h"
#include "core/eventlog/embedded/waker.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::embedded {

struct PartitionState {
  // Published by the writer after the write; any thread reads them.
  std::atomic<Offset> start{0};
  std::atomic<Offset> end{0};
  Subscribers subscribers;

  // The writer's own.
  Offset next = 0;  // above `end` after a failed write
  base::Time last_append;
  ChunkEncoder open_chunk;
  bool touched = false;
};

struct Topic {
  explicit Topic(const TopicSpec& wanted)
      : name(wanted.name), cleanup(wanted.cleanup), retention(wanted.retention) {
    partitions.resize(static_cast<std::size_t>(wanted.partitions));
  }

  const std::string name;
  const Cleanup cleanup;
  std::atomic<std::chrono::milliseconds> retention;
  rocksdb::ColumnFamilyHandle* records = nullptr;  // the store's
  rocksdb::ColumnFamilyHandle* keys = nullptr;     // the store's; compacted topics alone
  std::deque<PartitionState> partitions;           // never resized after construction

  TopicSpec spec() const;
  // Null where there is no such partition.
  PartitionState* partition(Partition number);
};

// The topics of a log. Thread-safe; a topic stays where it is as long as the table.
class TopicTable {
 public:
  Topic* find(std::string_view name) const;
  Topic* add(std::unique_ptr<Topic> topic);
  std::vector<Topic*> all() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Topic>, std::less<>> topics_;
};

// A specification as stored; kDataLoss where the bytes are none.
std::string encode_spec(const TopicSpec& spec);
base::Result<TopicSpec> decode_spec(std::string_view name, std::string_view bytes);

// kInvalidArgument where no log can have such a topic.
base::Status check_spec(const TopicSpec& spec);
// kFailedPrecondition, naming what differs, where `wanted` is not what is stored; the retention
// alone may differ.
base::Status check_same(const TopicSpec& stored, const TopicSpec& wanted);

}  // namespace armada_cache::eventlog::embedded
