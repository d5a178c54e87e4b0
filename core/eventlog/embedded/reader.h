// Reads partitions in turns: what has more gets its share of every poll.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "core/eventlog/embedded/partition_source.h"
#include "core/eventlog/embedded/waker.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::embedded {

class EmbeddedReader final : public Reader {
 public:
  // `db` and the sources' topics must outlive the reader.
  EmbeddedReader(rocksdb::DB& db, std::deque<PartitionSource> sources, std::size_t max_poll_bytes);
  ~EmbeddedReader() override;

  base::Result<std::span<const RecordView>> poll(std::size_t max_records,
                                                 std::chrono::milliseconds wait) override;
  Offset position(const TopicPartition& of) const override;
  void interrupt() override { waker_.interrupt(); }

 private:
  // Iterators live no longer than a poll, so that a reader at rest holds no files or buffers.
  class Iterators;

  base::Status collect(std::size_t max_records);
  // One turn of every source that has more; false where none of them had anything.
  base::Result<bool> collect_turn(Allowance& allowance, Iterators& iterators);

  rocksdb::DB& db_;
  std::deque<PartitionSource> sources_;
  const std::size_t max_poll_bytes_;
  std::size_t next_ = 0;  // the source whose turn it is
  Arena arena_;
  std::vector<RecordView> records_;
  Waker waker_;
};

}  // namespace armada_cache::eventlog::embedded
