#include "query/routing/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/routing/route.h"

namespace armada_cache::query {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

class ReachTest : public testing::Test {
 protected:
  // What is wrong so long after the start; empty: nothing.
  std::string look(milliseconds after) {
    const auto found = reach_.look(
        map_, [this](const std::string& target) { return !gone_.contains(target); },
        Reach::Time{} + after);
    return found ? "" : found.error().message;
  }

  ProjectorMap map_{3, {{"a", "one:1", {0, 1}}, {"a", "two:2", {2}}, {"b", "copy:3", {0, 1, 2}}}};
  Targets gone_;
  Reach reach_{milliseconds(100)};
};

TEST_F(ReachTest, OneOfAPartitionThatCanBeReachedIsEnough) {
  gone_ = {"one:1", "two:2"};
  EXPECT_EQ(look(milliseconds(0)), "");
  EXPECT_EQ(look(milliseconds(1000)), "");
  // Nobody has all between them, and yet each partition somebody.
  map_.projectors[2].partitions = {1, 2};
  map_.projectors.push_back({"b", "other:4", {0}});
  gone_ = {"two:2", "other:4"};
  look(milliseconds(1001));
  EXPECT_EQ(look(milliseconds(2000)), "");
}

TEST_F(ReachTest, WhereNoneWasReachedForLongThePartitionAndAllOfItsProjectorsAreNamed) {
  gone_ = {"two:2", "copy:3"};
  EXPECT_EQ(look(milliseconds(10)), "");
  EXPECT_EQ(look(milliseconds(109)), "");
  EXPECT_THAT(look(milliseconds(110)),
              AllOf(HasSubstr("partition 2"), HasSubstr("two:2, copy:3"), HasSubstr("100 ms")));
  gone_.erase("two:2");
  EXPECT_EQ(look(milliseconds(111)), "");
}

TEST_F(ReachTest, OneThatWasReachedInBetweenIsWaitedForAnew) {
  gone_ = {"two:2", "copy:3"};
  look(milliseconds(0));
  gone_ = {"copy:3"};
  look(milliseconds(60));
  gone_ = {"two:2", "copy:3"};
  look(milliseconds(70));
  EXPECT_EQ(look(milliseconds(169)), "");
  EXPECT_THAT(look(milliseconds(170)), HasSubstr("partition 2"));
}

TEST_F(ReachTest, APartitionThatNobodyHasIsSaidAtOnce) {
  map_.projectors.clear();
  EXPECT_THAT(look(milliseconds(0)), HasSubstr("has partition 0"));
}

}  // namespace
}  // namespace armada_cache::query
