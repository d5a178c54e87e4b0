#include "core/eventlog/embedded/keys.h"

#include "core/base/bytes.h"

namespace armada_cache::eventlog::embedded {
namespace {

constexpr char kLatest = 'k';
constexpr char kTombstone = 't';

std::string prefixed(char kind, Partition partition) {
  std::string key(1, kind);
  base::append_fixed(key, static_cast<std::uint32_t>(partition));
  return key;
}

}  // namespace

ChunkKey chunk_key(Partition partition, Offset last) {
  ChunkKey key;
  base::put_fixed(key.data(), static_cast<std::uint32_t>(partition));
  base::put_fixed(key.data() + kPartitionPrefixBytes, static_cast<std::uint64_t>(last));
  return key;
}

std::optional<ChunkPosition> parse_chunk_key(std::string_view key) {
  if (key.size() != kChunkKeyBytes) return std::nullopt;
  return ChunkPosition{
      static_cast<Partition>(base::get_fixed<std::uint32_t>(key.data())),
      static_cast<Offset>(base::get_fixed<std::uint64_t>(key.data() + kPartitionPrefixBytes))};
}

std::string latest_key(Partition partition, std::string_view record_key) {
  return prefixed(kLatest, partition).append(record_key);
}

std::string tombstone_prefix(Partition partition) {
  return prefixed(kTombstone, partition);
}

std::string tombstone_key(Partition partition, Offset offset) {
  std::string key = prefixed(kTombstone, partition);
  base::append_fixed(key, static_cast<std::uint64_t>(offset));
  return key;
}

std::optional<Offset> parse_tombstone_key(std::string_view key) {
  constexpr std::size_t kPrefix = 1 + kPartitionPrefixBytes;
  if (key.size() != kPrefix + sizeof(std::uint64_t) || key[0] != kTombstone) return std::nullopt;
  return static_cast<Offset>(base::get_fixed<std::uint64_t>(key.data() + kPrefix));
}

std::string topic_key(std::string_view topic) {
  return std::string(kTopicKeyPrefix).append(topic);
}

std::string start_key(std::string_view topic, Partition partition) {
  std::string key = "start/";
  key.append(topic).push_back('/');
  base::append_fixed(key, static_cast<std::uint32_t>(partition));
  return key;
}

std::string records_family(std::string_view topic) {
  return std::string("records/").append(topic);
}

std::string keys_family(std::string_view topic) {
  return std::string("keys/").append(topic);
}

}  // namespace armada_cache::eventlog::embedded
