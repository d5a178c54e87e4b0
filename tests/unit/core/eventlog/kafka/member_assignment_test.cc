#include "core/eventlog/kafka/member_assignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace armada_cache::eventlog::kafka {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using namespace std::string_literals;

// Version 1; topic "ab" with partitions 2 and 0, topic "c" with 258; no user data.
const std::string kAssignment =
    "\0\1"s
    "\0\0\0\2"
    "\0\2"
    "ab"
    "\0\0\0\2\0\0\0\2\0\0\0\0"
    "\0\1"
    "c"
    "\0\0\0\1\0\0\1\2"
    "\xff\xff\xff\xff"s;

TEST(MemberAssignment, HoldsPartitionsByTopic) {
  EXPECT_THAT(assigned_of(kAssignment, "ab"), Optional(ElementsAre(0, 2)));
  EXPECT_THAT(assigned_of(kAssignment, "c"), Optional(ElementsAre(258)));
  EXPECT_THAT(assigned_of(kAssignment, "a"), Optional(IsEmpty()));
}

TEST(MemberAssignment, NoBytesAreNoPartitions) {
  EXPECT_THAT(assigned_of("", "ab"), Optional(IsEmpty()));
}

TEST(MemberAssignment, BytesThatEndTooSoonAreNone) {
  for (std::size_t size = 1; size < kAssignment.size() - 4; ++size) {
    EXPECT_FALSE(assigned_of(kAssignment.substr(0, size), "ab")) << size;
  }
  EXPECT_FALSE(assigned_of("\0\1\x7f\xff\xff\xff"s, "ab"));
  EXPECT_FALSE(assigned_of("\0\1\0\0\0\1\xff\xff"s, "ab"));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
