#include "core/eventlog/embedded/upkeep.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace armada_cache::eventlog::embedded {
namespace {

// Records of a partition, one second from each to the next.
base::Time at_second(Offset offset) {
  return base::from_unix_micros(offset * 1'000'000);
}

TEST(FirstNotOlder, FindsTheBorder) {
  for (Offset cutoff = 95; cutoff <= 205; ++cutoff) {
    const Offset expected = std::clamp<Offset>(cutoff, 100, 200);
    EXPECT_EQ(first_not_older(100, 200, at_second(cutoff), at_second), expected);
  }
}

TEST(FirstNotOlder, AsksAboutFewOffsets) {
  int asked = 0;
  first_not_older(0, 1'000'000'000, at_second(123'456), [&](Offset offset) {
    ++asked;
    return at_second(offset);
  });
  EXPECT_LE(asked, 31);
}

TEST(FirstNotOlder, KeepsAllOfEqualTime) {
  const auto same = [](Offset) { return at_second(7); };
  EXPECT_EQ(first_not_older(5, 50, at_second(7), same), 5);
  EXPECT_EQ(first_not_older(5, 50, at_second(8), same), 50);
  EXPECT_EQ(first_not_older(5, 5, at_second(8), same), 5);
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
