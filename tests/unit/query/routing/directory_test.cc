#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/routing/static_directory.h"

namespace armada_cache::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(StaticDirectory, ReadsGroupsTargetsAndRanges) {
  const auto directory = StaticDirectory::parse("a:one:1=0-2,a:[::1]:2=3+5-6+4,b:three:3=0-6", 7);
  ASSERT_TRUE(directory) << directory.error().message;
  const auto map = (*directory)->map();
  ASSERT_THAT(map->projectors, SizeIs(3));
  EXPECT_EQ(map->partitions, 7);
  EXPECT_EQ(map->projectors[1].group, "a");
  EXPECT_EQ(map->projectors[1].target, "[::1]:2");
  EXPECT_THAT(map->projectors[1].partitions, ElementsAre(3, 4, 5, 6));
}

TEST(StaticDirectory, SaysWhatIsWrong) {
  const std::map<std::string, std::string> wrong = {
      {"", "it has no group"},
      {"a:one:1", "no partitions"},
      {":one:1=0-3", "its group has no name"},
      {"a:one=0-3", "one"},
      {"a:one:1=0-4", "no ranges within 0 to 3"},
      {"a:one:1=3-0", "no ranges"},
      {"a:one:1=x", "no ranges"},
      {"a:one:1=0-3,", "it has no group"},
      {"a:one:1=0-2", "have 3 of 4 partitions"},
      {"a:one:1=0-3,a:two:2=3", "another of that group has already"},
      {"a:one:1=0-3,b:one:1=0-3", "named twice"},
  };
  for (const auto& [list, why] : wrong) {
    const auto directory = StaticDirectory::parse(list, 4);
    ASSERT_FALSE(directory) << list;
    EXPECT_EQ(directory.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_THAT(directory.error().message, HasSubstr(why)) << list;
  }
}

TEST(LastGoodMap, KeepsAWholeGroupWhileItsPartitionsMove) {
  LastGoodMap kept(2);
  EXPECT_THAT(kept.map()->projectors, IsEmpty());
  ASSERT_TRUE(kept.learn({2, {{"a", "one:1", {0, 1}}}}));
  ASSERT_TRUE(kept.learn({2, {{"a", "one:1", {0}}, {"b", "two:2", {0}}}}));
  ASSERT_THAT(kept.map()->projectors, SizeIs(2));
  EXPECT_THAT(kept.map()->projectors[0].partitions, ElementsAre(0, 1));
  EXPECT_THAT(kept.map()->projectors[1].partitions, ElementsAre(0));
  ASSERT_TRUE(kept.learn({2, {{"a", "one:1", {0}}, {"a", "three:3", {1}}}}));
  ASSERT_THAT(kept.map()->projectors, SizeIs(2));
  EXPECT_EQ(kept.map()->projectors[1].target, "three:3");
}

TEST(LastGoodMap, RefusesWhatIsNoMap) {
  LastGoodMap kept(2);
  ASSERT_TRUE(kept.learn({2, {{"a", "one:1", {0, 1}}}}));
  EXPECT_FALSE(kept.learn({3, {{"a", "two:2", {0, 1, 2}}}}));
  EXPECT_FALSE(kept.learn({2, {{"a", "two:2", {0, 2}}}}));
  EXPECT_EQ(kept.map()->projectors.at(0).target, "one:1");
}

}  // namespace
}  // namespace armada_cache::query
