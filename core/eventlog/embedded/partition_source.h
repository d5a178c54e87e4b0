// Where a reader stands in one partition, and how it takes records from there.
#pragma once

#include <rocksdb/db.h>

#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/embedded/arena.h"
#include "core/eventlog/embedded/topic.h"
#include "core/eventlog/record.h"

namespace armada_cache::eventlog::embedded {

// What a poll may still return.
struct Allowance {
  std::size_t records = 0;
  std::size_t bytes = 0;  // may be overdrawn by one record

  bool spent() const { return records == 0 || bytes == 0; }
  void use(std::size_t record_bytes) {
    --records;
    bytes -= std::min(bytes, record_bytes);
  }
};

// The reader's thread alone.
class PartitionSource {
 public:
  PartitionSource(Topic& topic, Partition partition, Offset position)
      : topic_(topic),
        partition_(partition),
        state_(*topic.partition(partition)),
        position_(position) {}

  const Topic& topic() const { return topic_; }
  Partition number() const { return partition_; }
  Offset position() const { return std::max(position_, state_.start.load()); }
  Subscribers& subscribers() { return state_.subscribers; }
  bool has_more() const;

  // Appends views of the next records to `to`, their bytes in `arena`; `iterator` is over the
  // topic's records. An error comes only where nothing was appended before it.
  base::Status take(rocksdb::Iterator& iterator, Allowance& allowance, Arena& arena,
                    std::vector<RecordView>& to);

 private:
  base::Status take_chunk(ChunkDecoder& chunk, Offset end, Allowance& allowance, Arena& arena,
                          std::vector<RecordView>& to);
  bool lay_out(const ChunkDecoder::Packed& packed, base::Time appended_at, Arena& arena,
               std::vector<RecordView>& to) const;
  base::Status unreadable(const std::string& why) const;

  Topic& topic_;
  const Partition partition_;
  PartitionState& state_;
  Offset position_;
};

}  // namespace armada_cache::eventlog::embedded
