#include "core/eventlog/kafka/group_directory.h"

#include <gtest/gtest.h>

namespace armada_cache::eventlog::kafka {
namespace {

const std::string kUuid = "-123e4567-e89b-12d3-a456-426614174000";

TEST(GroupDirectory, AnInstanceIsToldByTheWholeOfItsName) {
  const GroupMemberEntry member{"10.0.0.1:7000", {}, "p-1" + kUuid};
  EXPECT_TRUE(is_instance(member, "p-1"));
  EXPECT_FALSE(is_instance(member, "p-"));
  EXPECT_FALSE(is_instance(member, "p"));
  EXPECT_FALSE(is_instance(member, "p-2"));
  EXPECT_FALSE(is_instance(member, "p-1" + kUuid));
  EXPECT_FALSE(is_instance({}, "p-1"));
}

TEST(GroupDirectory, AnInstanceWhoseNameBeginsWithThatOfAnotherIsNotThatOne) {
  const GroupMemberEntry member{"10.0.0.1:7000", {}, "p-1-b" + kUuid};
  EXPECT_TRUE(is_instance(member, "p-1-b"));
  EXPECT_FALSE(is_instance(member, "p-1"));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
