#include "core/eventlog/embedded/partition_source.h"

#include <algorithm>

#include "core/eventlog/embedded/chunk_cursor.h"

namespace armada_cache::eventlog::embedded {

bool PartitionSource::has_more() const {
  const Offset from = std::max(position_, state_.start.load(std::memory_order_acquire));
  return from < state_.end.load(std::memory_order_acquire);
}

base::Status PartitionSource::take(rocksdb::Iterator& iterator, Allowance& allowance, Arena& arena,
                                   std::vector<RecordView>& to) {
  // Beyond `end` the iterator may see what is not published yet.
  const Offset end = state_.end.load(std::memory_order_acquire);
  position_ = std::max(position_, state_.start.load(std::memory_order_acquire));
  if (position_ >= end || allowance.spent()) return {};
  const std::size_t before = to.size();
  ChunkCursor chunks(iterator, partition_);
  for (bool found = chunks.seek(position_); found; found = chunks.next()) {
    auto taken = take_chunk(chunks.chunk(), end, allowance, arena, to);
    if (!taken) return to.size() > before ? base::Status() : taken;
    if (position_ >= end || allowance.spent()) return {};
  }
  if (chunks.status().ok() || to.size() > before) return {};
  return unreadable(chunks.status().ToString());
}

base::Status PartitionSource::take_chunk(ChunkDecoder& chunk, Offset end, Allowance& allowance,
                                         Arena& arena, std::vector<RecordView>& to) {
  if (chunk.base() >= end) position_ = end;
  while (position_ < end && !allowance.spent()) {
    const auto packed = chunk.next();
    if (!packed) break;
    if (packed->offset < position_) continue;
    if (!lay_out(*packed, chunk.appended_at(), arena, to)) return unreadable("no packed record");
    position_ = packed->offset + 1;
    allowance.use(packed->bytes.size());
  }
  return chunk.damaged() ? unreadable("no packed records") : base::Status();
}

bool PartitionSource::lay_out(const ChunkDecoder::Packed& packed, base::Time appended_at,
                              Arena& arena, std::vector<RecordView>& to) const {
  const auto record = unpack(arena.copy(packed.bytes));
  if (!record) return false;
  auto* headers = arena.array<HeaderView>(record->header_count);
  if (!unpack_headers(*record, headers)) return false;
  RecordView& view = to.emplace_back();
  view.topic = topic_.name;
  view.partition = partition_;
  view.offset = packed.offset;
  view.appended_at = appended_at;
  view.key = record->key;
  view.value = record->value;
  view.headers = {headers, record->header_count};
  return true;
}

base::Status PartitionSource::unreadable(const std::string& why) const {
  return base::fail(base::ErrorCode::kDataLoss,
                    name_of({topic_.name, partition_}) + " cannot be read at offset " +
                        std::to_string(position_) + ": " + why +
                        "; restore the log's folder from a copy, or begin with an empty one");
}

}  // namespace armada_cache::eventlog::embedded
