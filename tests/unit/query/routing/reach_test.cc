#include "query/routing/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace armada_cache::query {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

class ReachTest : public testing::Test {
 protected:
  // What is wrong so long after the start; empty: nothing.
  std::string look(int millis) {
    const auto found = reach_.look(
        map_, [this](const std::string& target) { return !gone_.contains(target); },
        Reach::Time{} + milliseconds(millis));
    return found ? "" : found.error().message;
  }

  ProjectorMap map_{3, {{"a", "one:1", {0, 1}}, {"a", "two:2", {2}}}};
  std::set<std::string> gone_;
  Reach reach_{milliseconds(100)};
};

TEST_F(ReachTest, OneThatCanBeReachedIsEnough) {
  gone_ = {"one:1"};
  EXPECT_EQ(look(0), "");
  EXPECT_EQ(look(1000), "");
}

TEST_F(ReachTest, AllThatWereNotReachedForLongAreNamed) {
  EXPECT_EQ(look(0), "");
  gone_ = {"one:1", "two:2"};
  EXPECT_EQ(look(99), "");
  EXPECT_THAT(look(100), AllOf(HasSubstr("one:1, two:2"), HasSubstr("100 ms")));
  gone_ = {"one:1"};
  EXPECT_EQ(look(101), "");
  gone_ = {"one:1", "two:2"};
  EXPECT_EQ(look(200), "") << "reached in between";
  EXPECT_NE(look(201), "");
}

TEST_F(ReachTest, BeforeTheFirstIsReachedThereIsNoPatience) {
  gone_ = {"one:1", "two:2"};
  EXPECT_THAT(look(0), HasSubstr("one:1, two:2"));
  gone_.clear();
  EXPECT_EQ(look(1), "");
  map_.projectors.clear();
  EXPECT_EQ(look(2), "");
  EXPECT_NE(look(101), "");
}

}  // namespace
}  // namespace armada_cache::query
