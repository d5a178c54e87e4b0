#include "query/routing/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::query {
namespace {

using eventlog::Partition;
using testing::ElementsAre;
using testing::HasSubstr;

// Group a has two projectors, group b one, c one that was never whole.
const ProjectorMap kMap{4,
                        {{"a", "a1:1", {0, 1}},
                         {"a", "a2:1", {2, 3}},
                         {"b", "b1:1", {0, 1, 2, 3}},
                         {"c", "c1:1", {1, 2}}}};

std::vector<std::string> targets(const std::vector<const ProjectorEntry*>& entries) {
  std::vector<std::string> found;
  for (const ProjectorEntry* entry : entries) found.push_back(entry->target);
  return found;
}

TEST(Route, GivesEachPartitionToOneProjectorAlwaysTheSame) {
  const std::vector<Partition> asked{0, 1, 2, 3, 0, 2};
  const auto shares = route(kMap, asked, {});
  ASSERT_TRUE(shares);
  std::map<std::string, std::vector<std::size_t>> by_target;
  for (const Share& share : *shares) by_target[share.projector->target] = share.at;
  // Partition p prefers the group p modulo 3.
  EXPECT_THAT(by_target["a1:1"], ElementsAre(0, 4));
  EXPECT_THAT(by_target["b1:1"], ElementsAre(1));
  EXPECT_THAT(by_target["c1:1"], ElementsAre(2, 5));
  EXPECT_THAT(by_target["a2:1"], ElementsAre(3));
}

TEST(Route, GoesToAnotherGroupWhereOneIsAvoided) {
  const std::vector<Partition> asked{0, 3};
  const auto shares = route(kMap, asked, {"a1:1", "a2:1"});
  ASSERT_TRUE(shares);
  ASSERT_EQ(shares->size(), 1);
  EXPECT_EQ(shares->front().projector->target, "b1:1");
  EXPECT_THAT(shares->front().at, ElementsAre(0, 1));
}

TEST(Route, NamesThePartitionsOfAShareOnceAndAscending) {
  const std::vector<Partition> asked{3, 0, 2, 0, 3};
  const auto shares = route(kMap, asked, {"a1:1", "a2:1", "c1:1"});
  ASSERT_TRUE(shares);
  ASSERT_EQ(shares->size(), 1);
  EXPECT_THAT(shares->front().partitions, ElementsAre(0, 2, 3));
  EXPECT_THAT(shares->front().at, ElementsAre(0, 1, 2, 3, 4));
}

TEST(Route, SaysWhichPartitionNobodyHas) {
  const std::vector<Partition> asked{1, 3};
  const auto shares = route(kMap, asked, {"a2:1", "b1:1"});
  ASSERT_FALSE(shares);
  EXPECT_EQ(shares.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(shares.error().message, HasSubstr("partition 3"));
}

TEST(Cover, HasEveryPartitionOnce) {
  EXPECT_THAT(targets(cover(kMap, {}).value()), ElementsAre("a1:1", "a2:1"));
  EXPECT_THAT(targets(cover(kMap, {"a2:1"}).value()), ElementsAre("b1:1"));
  EXPECT_FALSE(cover(kMap, {"a1:1", "b1:1"}));
}

TEST(Cover, MixesGroupsWhereTheirSharesFit) {
  const ProjectorMap map{
      4,
      {{"a", "a1:1", {0, 1}}, {"a", "a2:1", {2, 3}}, {"b", "b1:1", {0, 1}}, {"b", "b2:1", {2, 3}}}};
  EXPECT_THAT(targets(cover(map, {"a1:1", "b2:1"}).value()), ElementsAre("b1:1", "a2:1"));
}

TEST(Cover, OfAnEmptyMapIsUnavailable) {
  const auto covered = cover({4, {}}, {});
  ASSERT_FALSE(covered);
  EXPECT_EQ(covered.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace armada_cache::query
