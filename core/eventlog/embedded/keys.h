// The keys of the log's column families, such that RocksDB's order is the log's order.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/eventlog/record.h"

namespace armada_cache::eventlog::embedded {

// Column family "records/TOPIC": a chunk by (partition, offset of its last record). So a seek to
// an offset finds the chunk that holds it, and a partition's last key tells its end.
inline constexpr std::size_t kChunkKeyBytes = 12;
inline constexpr std::size_t kPartitionPrefixBytes = 4;
using ChunkKey = std::array<char, kChunkKeyBytes>;

struct ChunkPosition {
  Partition partition = 0;
  Offset last = 0;

  bool operator==(const ChunkPosition&) const = default;
};

ChunkKey chunk_key(Partition partition, Offset last);
std::optional<ChunkPosition> parse_chunk_key(std::string_view key);

inline std::string_view view(const ChunkKey& key) {
  return {key.data(), key.size()};
}

// Column family "keys/TOPIC", of compacted topics alone: the offset of each key's last record ...
std::string latest_key(Partition partition, std::string_view record_key);
// ... and which of those records are tombstones, oldest first.
std::string tombstone_prefix(Partition partition);
std::string tombstone_key(Partition partition, Offset offset);
std::optional<Offset> parse_tombstone_key(std::string_view key);

// Default column family: what is known of a topic, and the start offset of a trimmed partition.
std::string topic_key(std::string_view topic);
std::string start_key(std::string_view topic, Partition partition);
inline constexpr std::string_view kTopicKeyPrefix = "topic/";

std::string records_family(std::string_view topic);
std::string keys_family(std::string_view topic);

}  // namespace armada_cache::eventlog::embedded
