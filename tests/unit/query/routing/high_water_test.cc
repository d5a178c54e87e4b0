#include "query/routing/high_water.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::query {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

lookup::Extents of(std::int64_t incarnation, std::vector<lookup::Extent> partitions) {
  return {incarnation, std::move(partitions)};
}

TEST(HighWater, AnotherCopyMustHoldAllThatWasPerhapsSeen) {
  HighWater marks;
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 90, 100}}), {0}), IsEmpty());
  EXPECT_THAT(marks.take("b:1", of(2, {{0, 99, 120}}), {0}),
              AllOf(HasSubstr("offset 99 of partition 0"), HasSubstr("(100)")));
  EXPECT_THAT(marks.take("b:1", of(2, {{0, 100, 101}}), {0}), IsEmpty());
}

TEST(HighWater, WhatIsBehindSetsNoMark) {
  HighWater marks;
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 90, 100}, {1, 5, 5}}), {0, 1}), IsEmpty());
  EXPECT_FALSE(marks.take("b:1", of(2, {{0, 10, 10}, {1, 50, 50}}), {0, 1}).empty());
  EXPECT_THAT(marks.take("b:1", of(2, {{1, 6, 6}}), {1}), IsEmpty());
}

TEST(HighWater, TheSameLifeOfAProjectorDoesNotGoBackByItself) {
  HighWater marks;
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 90, 100}}), {0}), IsEmpty());
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 95, 100}}), {0}), IsEmpty());
  EXPECT_FALSE(marks.take("a:1", of(2, {{0, 95, 100}}), {0}).empty());
  EXPECT_FALSE(marks.take("b:1", of(1, {{0, 95, 100}}), {0}).empty());
}

TEST(HighWater, CountsOnlyWhatWasAskedFor) {
  HighWater marks;
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 90, 100}, {1, 90, 100}}), {0}), IsEmpty());
  EXPECT_THAT(marks.take("b:1", of(2, {{1, 10, 10}}), {1}), IsEmpty());
}

TEST(HighWater, NothingIsSaidOfAnswersThatDoNotTell) {
  HighWater marks;
  EXPECT_THAT(marks.take("a:1", of(1, {{0, 90, 100}}), {0}), IsEmpty());
  EXPECT_THAT(marks.take("b:1", {}, {0}), IsEmpty());
}

}  // namespace
}  // namespace armada_cache::query
