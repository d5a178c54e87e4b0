#include "app/directory/projector_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::app {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(ProjectorGroups, MembersAreProjectorsWhoseClientIdIsAnAddress) {
  const auto projectors =
      projectors_of({"a", "b"}, {{{"one:1", {0, 1}}, {"rdkafka", {2}}}, {{"[::1]:2", {0, 1, 2}}}});
  ASSERT_THAT(projectors, SizeIs(2));
  EXPECT_EQ(projectors[0].group, "a");
  EXPECT_EQ(projectors[0].target, "one:1");
  EXPECT_THAT(projectors[0].partitions, ElementsAre(0, 1));
  EXPECT_EQ(projectors[1].group, "b");
  EXPECT_EQ(projectors[1].target, "[::1]:2");
}

TEST(ProjectorGroups, AreNamedAfterTheReplicaGroup) {
  EXPECT_EQ(projector_group("armada-cache", "a"), "armada-cache-projector-a");
}

}  // namespace
}  // namespace armada_cache::app
