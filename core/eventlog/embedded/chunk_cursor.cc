#include "core/eventlog/embedded/chunk_cursor.h"

#include <limits>

#include "core/eventlog/embedded/keys.h"

namespace armada_cache::eventlog::embedded {

ChunkCursor::ChunkCursor(rocksdb::DB& db, const Topic& topic, Partition partition)
    : own_(db.NewIterator({}, topic.records)), iterator_(*own_), partition_(partition) {}

ChunkCursor::ChunkCursor(rocksdb::Iterator& iterator, Partition partition)
    : iterator_(iterator), partition_(partition) {}

bool ChunkCursor::seek(Offset offset) {
  iterator_.Seek(view(chunk_key(partition_, offset)));
  return arrive();
}

bool ChunkCursor::next() {
  iterator_.Next();
  return arrive();
}

bool ChunkCursor::seek_to_last() {
  iterator_.SeekForPrev(view(chunk_key(partition_, std::numeric_limits<Offset>::max())));
  return arrive();
}

bool ChunkCursor::arrive() {
  chunk_.reset();
  status_ = iterator_.status();
  if (!status_.ok() || !iterator_.Valid()) return false;
  const auto position = parse_chunk_key(iterator_.key().ToStringView());
  if (!position) {
    status_ = rocksdb::Status::Corruption("a key of the log is damaged");
    return false;
  }
  if (position->partition != partition_) return false;
  last_ = position->last;
  chunk_ = ChunkDecoder::open(iterator_.value().ToStringView(), last_);
  if (!chunk_) status_ = rocksdb::Status::Corruption("a chunk of the log is damaged");
  return chunk_.has_value();
}

}  // namespace armada_cache::eventlog::embedded
