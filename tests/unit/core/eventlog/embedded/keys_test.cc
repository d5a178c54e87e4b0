#include "core/eventlog/embedded/keys.h"

#include <gtest/gtest.h>

#include <limits>

namespace armada_cache::eventlog::embedded {
namespace {

std::string key_of(Partition partition, Offset last) {
  return std::string(view(chunk_key(partition, last)));
}

TEST(ChunkKey, SortsByPartitionThenOffset) {
  EXPECT_LT(key_of(0, 5), key_of(0, 6));
  EXPECT_LT(key_of(0, 255), key_of(0, 256));
  EXPECT_LT(key_of(0, std::numeric_limits<Offset>::max()), key_of(1, 0));
  EXPECT_LT(key_of(255, 7), key_of(256, 0));
}

TEST(ChunkKey, ComesBack) {
  const ChunkPosition position{77, 1'234'567'890'123};
  EXPECT_EQ(parse_chunk_key(key_of(position.partition, position.last)), position);
  EXPECT_FALSE(parse_chunk_key("short"));
  EXPECT_FALSE(parse_chunk_key("much too long a key"));
}

TEST(LatestKey, IsOfOnePartitionAndAnyBytes) {
  EXPECT_NE(latest_key(1, "a"), latest_key(2, "a"));
  EXPECT_NE(latest_key(1, ""), latest_key(1, std::string(1, '\0')));
}

TEST(TombstoneKey, SortsByOffsetWithinItsPartition) {
  EXPECT_TRUE(tombstone_key(3, 9).starts_with(tombstone_prefix(3)));
  EXPECT_FALSE(tombstone_key(4, 9).starts_with(tombstone_prefix(3)));
  EXPECT_LT(tombstone_key(3, 9), tombstone_key(3, 300));
  EXPECT_EQ(parse_tombstone_key(tombstone_key(3, 300)), 300);
  EXPECT_FALSE(parse_tombstone_key(latest_key(3, "eight by")));
}

TEST(StartKey, TellsPartitionsAndTopicsApart) {
  EXPECT_NE(start_key("t", 1), start_key("t", 2));
  EXPECT_NE(start_key("t", 1), start_key("u", 1));
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
