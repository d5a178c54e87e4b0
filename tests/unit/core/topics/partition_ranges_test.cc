#include "core/topics/partition_ranges.h"

#include <gmock/gmock.h>

namespace armada_cache::topics {
namespace {

using testing::ElementsAre;
using testing::Optional;

TEST(PartitionRanges, AreReadInTheirOrder) {
  EXPECT_THAT(parse_partitions("3+0-1", 4), Optional(ElementsAre(0, 1, 3)));
  EXPECT_THAT(parse_partitions("2", 4), Optional(ElementsAre(2)));
  EXPECT_THAT(parse_partitions("0-1+1", 4), Optional(ElementsAre(0, 1, 1)));
}

TEST(PartitionRanges, WhatIsNoneIsRefused) {
  for (const char* text : {"", "+", "0+", "x", "-1", "1-", "2-1", "0-4", "4", "0--1", "0 "}) {
    EXPECT_FALSE(parse_partitions(text, 4)) << text;
  }
}

}  // namespace
}  // namespace armada_cache::topics
