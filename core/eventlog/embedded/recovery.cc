#include "core/eventlog/embedded/recovery.h"

#include <algorithm>
#include <memory>

#include "core/base/bytes.h"
#include "core/eventlog/embedded/chunk_cursor.h"
#include "core/eventlog/embedded/keys.h"

namespace armada_cache::eventlog::embedded {
namespace {

base::Result<Offset> stored_start(Store& store, const Topic& topic, Partition partition) {
  std::string stored;
  const auto status = store.db().Get({}, start_key(topic.name, partition), &stored);
  if (status.IsNotFound()) return 0;
  if (status.ok() && stored.size() == sizeof(std::uint64_t)) {
    return static_cast<Offset>(base::get_fixed<std::uint64_t>(stored.data()));
  }
  const auto damage = status.ok() ? rocksdb::Status::Corruption("a start offset") : status;
  return tl::unexpected(
      to_error(damage, "cannot read where topic " + topic.name + " starts", store.directory()));
}

base::Status find_offsets(Store& store, Topic& topic, Partition partition) {
  const auto trimmed = stored_start(store, topic, partition);
  if (!trimmed) return tl::unexpected(trimmed.error());
  PartitionState& state = *topic.partition(partition);
  ChunkCursor chunks(store.db(), topic, partition);
  state.start = state.next = *trimmed;
  if (chunks.seek_to_last()) {
    state.next = std::max(*trimmed, chunks.last() + 1);
    state.last_append = chunks.chunk().appended_at();
  }
  if (chunks.status().ok() && chunks.seek(*trimmed)) state.start = chunks.chunk().base();
  state.end = state.next;
  if (chunks.status().ok()) return {};
  return tl::unexpected(
      to_error(chunks.status(), "cannot read topic " + topic.name, store.directory()));
}

}  // namespace

base::Status attach(Store& store, Topic& topic) {
  auto records = store.family(records_family(topic.name));
  if (!records) return tl::unexpected(records.error());
  topic.records = *records;
  if (topic.cleanup == Cleanup::kCompaction) {
    auto keys = store.family(keys_family(topic.name));
    if (!keys) return tl::unexpected(keys.error());
    topic.keys = *keys;
  }
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    auto found = find_offsets(store, topic, static_cast<Partition>(i));
    if (!found) return found;
  }
  return {};
}

base::Status load_topics(Store& store, TopicTable& topics) {
  std::unique_ptr<rocksdb::Iterator> it(store.db().NewIterator({}));
  for (it->Seek(kTopicKeyPrefix); it->Valid() && it->key().starts_with(kTopicKeyPrefix);
       it->Next()) {
    const std::string_view name = it->key().ToStringView().substr(kTopicKeyPrefix.size());
    const auto spec = decode_spec(name, it->value().ToStringView());
    if (!spec) return tl::unexpected(spec.error());
    auto topic = std::make_unique<Topic>(*spec);
    if (auto attached = attach(store, *topic); !attached) return attached;
    topics.add(std::move(topic));
  }
  if (it->status().ok()) return {};
  return tl::unexpected(to_error(it->status(), "cannot read the topics", store.directory()));
}

}  // namespace armada_cache::eventlog::embedded
