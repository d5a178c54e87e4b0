#include "core/eventlog/embedded/upkeep.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/eventlog/embedded/chunk_cursor.h"
#include "core/eventlog/embedded/keys.h"

namespace armada_cache::eventlog::embedded {
namespace {

std::string start_bytes(Offset start) {
  std::string bytes;
  base::append_fixed(bytes, static_cast<std::uint64_t>(start));
  return bytes;
}

}  // namespace

Offset first_not_older(Offset from, Offset to, base::Time cutoff,
                       const std::function<base::Time(Offset)>& appended_at) {
  while (from < to) {
    const Offset middle = from + (to - from) / 2;
    if (appended_at(middle) < cutoff) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

void Upkeep::start_round() {
  if (!idle()) return;
  for (Topic* topic : topics_.all()) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      line_.push_back({topic, static_cast<Partition>(i)});
    }
  }
}

void Upkeep::step() {
  if (idle()) return;
  const Due due = line_.front();
  line_.pop_front();
  rocksdb::Status status;
  if (due.topic->cleanup == Cleanup::kRetention) {
    status = trim(due);
  } else {
    status = remove_tombstones(due);
    find_start(due);
  }
  if (!status.ok()) {
    base::log_warn(
        "log upkeep failed",
        {{"topic", due.topic->name}, {"partition", due.partition}, {"why", status.ToString()}});
  }
}

rocksdb::Status Upkeep::trim(const Due& due) {
  const PartitionState& state = *due.topic->partition(due.partition);
  const Offset start = state.start.load();
  const base::Time cutoff = clock_.now() - due.topic->retention.load();
  ChunkCursor chunks(store_.db(), *due.topic, due.partition);
  // What cannot be read counts as young: it is kept.
  const auto appended_at = [&](Offset offset) {
    return chunks.seek(offset) ? chunks.chunk().appended_at() : base::Time::max();
  };
  if (start >= state.end.load() || appended_at(start) >= cutoff) return chunks.status();
  const Offset kept = first_not_older(start, state.end.load(), cutoff, appended_at);
  if (!chunks.status().ok()) return chunks.status();
  return forget_below(due, kept);
}

rocksdb::Status Upkeep::forget_below(const Due& due, Offset start) {
  const ChunkKey begin = chunk_key(due.partition, 0);
  const ChunkKey end = chunk_key(due.partition, start);
  const rocksdb::Slice from = view(begin);
  const rocksdb::Slice to = view(end);
  rocksdb::WriteBatch batch;
  batch.Put(start_key(due.topic->name, due.partition), start_bytes(start));
  batch.DeleteRange(due.topic->records, from, to);
  if (auto status = store_.db().Write({}, &batch); !status.ok()) return status;
  due.topic->partition(due.partition)->start.store(start);
  return rocksdb::DeleteFilesInRange(&store_.db(), due.topic->records, &from, &to, false);
}

rocksdb::Status Upkeep::remove_tombstones(const Due& due) {
  const Topic& topic = *due.topic;
  const base::Time cutoff = clock_.now() - tombstone_retention_;
  const Offset last = due.topic->partition(due.partition)->end.load() - 1;
  const std::string prefix = tombstone_prefix(due.partition);
  std::unique_ptr<rocksdb::Iterator> it(store_.db().NewIterator({}, topic.keys));
  rocksdb::WriteBatch batch;
  std::size_t looked_at = 0;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next(), ++looked_at) {
    const auto offset = parse_tombstone_key(it->key().ToStringView());
    if (!offset || it->value().size() < sizeof(std::uint64_t)) continue;
    const auto micros =
        static_cast<std::int64_t>(base::get_fixed<std::uint64_t>(it->value().data()));
    // A partition's last record stays: it tells where the partition ends.
    if (base::from_unix_micros(micros) >= cutoff || *offset >= last) break;
    if (looked_at == tombstones_per_step_) {
      line_.push_back(due);
      break;
    }
    batch.Delete(topic.keys, it->key());
    const std::string_view key = it->value().ToStringView().substr(sizeof(std::uint64_t));
    const std::string latest = latest_key(due.partition, key);
    std::string stored;
    rocksdb::Status found = store_.db().Get({}, topic.keys, latest, &stored);
    if (!found.ok() && !found.IsNotFound()) return found;
    if (!found.ok() || stored != start_bytes(*offset)) continue;  // superseded, and so removed
    batch.Delete(topic.keys, latest);
    batch.SingleDelete(topic.records, view(chunk_key(due.partition, *offset)));
  }
  if (!it->status().ok() || batch.Count() == 0) return it->status();
  return store_.db().Write({}, &batch);
}

void Upkeep::find_start(const Due& due) {
  PartitionState& state = *due.topic->partition(due.partition);
  ChunkCursor chunks(store_.db(), *due.topic, due.partition);
  if (chunks.seek(state.start.load())) state.start.store(chunks.chunk().base());
}

}  // namespace armada_cache::eventlog::embedded
