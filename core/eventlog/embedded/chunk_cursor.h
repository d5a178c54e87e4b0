// Steps through the chunks of one partition as they are in the database at this moment.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <optional>

#include "core/eventlog/embedded/chunk.h"
#include "core/eventlog/embedded/topic.h"

namespace armada_cache::eventlog::embedded {

// Short-lived: it keeps files and buffers of the database alive. Not thread-safe.
class ChunkCursor {
 public:
  ChunkCursor(rocksdb::DB& db, const Topic& topic, Partition partition);

  // Uses an iterator of somebody else's over the topic's records, which must outlive the cursor.
  ChunkCursor(rocksdb::Iterator& iterator, Partition partition);

  // To the chunk that holds `offset`, or else the first one above it; to the next chunk; to the
  // partition's last chunk. False where there is none, or where status() tells of an error.
  bool seek(Offset offset);
  bool next();
  bool seek_to_last();

  // Of the chunk arrived at; valid until the next move.
  ChunkDecoder& chunk() { return *chunk_; }
  Offset last() const { return last_; }

  rocksdb::Status status() const { return status_; }

 private:
  bool arrive();

  std::unique_ptr<rocksdb::Iterator> own_;
  rocksdb::Iterator& iterator_;
  const Partition partition_;
  std::optional<ChunkDecoder> chunk_;
  Offset last_ = 0;
  rocksdb::Status status_;
};

}  // namespace armada_cache::eventlog::embedded
