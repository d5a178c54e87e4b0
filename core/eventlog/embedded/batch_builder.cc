#include "core/eventlog/embedded/batch_builder.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/eventlog/embedded/keys.h"

namespace armada_cache::eventlog::embedded {
namespace {

constexpr std::size_t kChunkBytes = 32u << 10;
constexpr std::size_t kKeptBatchBytes = 16u << 20;

std::string offset_bytes(Offset offset) {
  std::string bytes;
  base::append_fixed(bytes, static_cast<std::uint64_t>(offset));
  return bytes;
}

}  // namespace

void BatchBuilder::begin(base::Time now) {
  now_ = now;
}

Offset BatchBuilder::add(const PendingAppend& append) {
  touch(append);
  PartitionState& state = *append.state;
  const Touched to{append.topic, append.partition, append.state};
  const bool compacted = append.topic->cleanup == Cleanup::kCompaction;
  for (const Record& record : append.batch) {
    state.open_chunk.add(record);
    const Offset offset = state.next++;
    if (compacted || state.open_chunk.bytes() >= kChunkBytes) put_chunk(to);
    if (compacted) supersede(append, record, offset);
  }
  return state.next - 1;
}

rocksdb::WriteBatch& BatchBuilder::finish() {
  for (const Touched& to : touched_) put_chunk(to);
  return batch_;
}

void BatchBuilder::publish() {
  for (const Touched& to : touched_) {
    to.state->end.store(to.state->next, std::memory_order_release);
    to.state->subscribers.wake();
  }
}

void BatchBuilder::clear() {
  for (const Touched& to : touched_) to.state->touched = false;
  touched_.clear();
  latest_.clear();
  if (batch_.GetDataSize() > kKeptBatchBytes) batch_ = rocksdb::WriteBatch();
  batch_.Clear();
}

void BatchBuilder::touch(const PendingAppend& append) {
  PartitionState& state = *append.state;
  if (state.touched) return;
  state.touched = true;
  state.last_append = std::max(state.last_append, now_);
  touched_.push_back({append.topic, append.partition, append.state});
}

void BatchBuilder::put_chunk(const Touched& to) {
  ChunkEncoder& chunk = to.state->open_chunk;
  if (chunk.empty()) return;
  const ChunkKey key = chunk_key(to.partition, to.state->next - 1);
  batch_.Put(to.topic->records, view(key), chunk.finish(to.state->last_append));
  chunk.clear();
}

void BatchBuilder::supersede(const PendingAppend& append, const Record& record, Offset offset) {
  Topic& topic = *append.topic;
  const std::string key = latest_key(append.partition, record.key);
  forget_earlier(topic, append.partition, key);
  batch_.Put(topic.keys, key, offset_bytes(offset));
  latest_[&topic][key] = offset;
  if (record.value) return;
  std::string tombstone;
  base::append_fixed(tombstone,
                     static_cast<std::uint64_t>(base::to_unix_micros(append.state->last_append)));
  tombstone += record.key;
  batch_.Put(topic.keys, tombstone_key(append.partition, offset), tombstone);
}

void BatchBuilder::forget_earlier(Topic& topic, Partition partition, const std::string& key) {
  Latest& latest = latest_[&topic];
  if (const auto found = latest.find(key); found != latest.end()) {
    batch_.SingleDelete(topic.records, view(chunk_key(partition, found->second)));
    return;
  }
  rocksdb::PinnableSlice stored;
  const rocksdb::Status status = db_.Get({}, topic.keys, key, &stored);
  if (status.ok() && stored.size() == sizeof(std::uint64_t)) {
    const auto offset = static_cast<Offset>(base::get_fixed<std::uint64_t>(stored.data()));
    batch_.SingleDelete(topic.records, view(chunk_key(partition, offset)));
  } else if (!status.IsNotFound()) {
    // The earlier record stays, which readers of a compacted topic must expect anyhow.
    base::log_warn("log key index unreadable",
                   {{"topic", topic.name}, {"partition", partition}, {"why", status.ToString()}});
  }
}

}  // namespace armada_cache::eventlog::embedded
