#include "core/topics/partitioner.h"

#include "core/topics/codecs.h"

namespace armada_cache::topics {
namespace {

constexpr std::uint32_t kSeed = 0x9747b28c;
constexpr std::uint32_t kMultiplier = 0x5bd1e995;

std::uint32_t byte_at(std::string_view key, std::size_t index) {
  return static_cast<unsigned char>(key[index]);
}

}  // namespace

std::uint32_t murmur2(std::string_view key) {
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = byte_at(key, at) | byte_at(key, at + 1) << 8 | byte_at(key, at + 2) << 16 |
                         byte_at(key, at + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash = (hash * kMultiplier) ^ word;
  }
  const std::size_t rest = key.size() - at;
  if (rest >= 3) hash ^= byte_at(key, at + 2) << 16;
  if (rest >= 2) hash ^= byte_at(key, at + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte_at(key, at)) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ (hash >> 15);
}

eventlog::Partition partition_of(std::string_view key, eventlog::Partition partitions) {
  return static_cast<eventlog::Partition>((murmur2(key) & 0x7fffffffU) %
                                          static_cast<std::uint32_t>(partitions));
}

eventlog::Partition partition_of_job(std::string_view job_id, eventlog::Partition partitions) {
  return partition_of(job_id, partitions);
}

eventlog::Partition partition_of_job_set(const base::JobSet& job_set,
                                         eventlog::Partition partitions) {
  return partition_of(encode_key(job_set), partitions);
}

}  // namespace armada_cache::topics
