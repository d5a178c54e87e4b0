// Turns appends into one atomic write: packed chunks, and what compaction by key removes.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "core/eventlog/embedded/append_queue.h"

namespace armada_cache::eventlog::embedded {

// The writer thread's own. Add appends, finish, write the batch, then publish or give up.
class BatchBuilder {
 public:
  explicit BatchBuilder(rocksdb::DB& db) : db_(db) {}

  // `now` stamps every record until clear().
  void begin(base::Time now);
  // The offset of the append's last record.
  Offset add(const PendingAppend& append);
  rocksdb::WriteBatch& finish();

  // After the write: makes its records visible and wakes their readers.
  void publish();
  // Ready for the next write. The offsets given out stay used.
  void clear();

 private:
  struct Touched {
    Topic* topic;
    Partition partition;
    PartitionState* state;
  };
  // Offsets that this write gives to keys, by topic and latest_key().
  using Latest = std::unordered_map<std::string, Offset>;

  void touch(const PendingAppend& append);
  void put_chunk(const Touched& to);
  void supersede(const PendingAppend& append, const Record& record, Offset offset);
  void forget_earlier(Topic& topic, Partition partition, const std::string& key);

  rocksdb::DB& db_;
  rocksdb::WriteBatch batch_;
  std::vector<Touched> touched_;
  std::unordered_map<const Topic*, Latest> latest_;
  base::Time now_;
};

}  // namespace armada_cache::eventlog::embedded
