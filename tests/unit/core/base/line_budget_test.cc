#include "core/base/line_budget.h"

#include <gtest/gtest.h>

namespace armada_cache::base {
namespace {

TEST(LineBudget, LeavesOutWhatIsTooMuchAndTellsHowMuch) {
  LineBudget budget(2, std::chrono::seconds(1));
  const auto start = LineBudget::Time(std::chrono::hours(1));
  EXPECT_EQ(budget.take(start), 0u);
  EXPECT_EQ(budget.take(start), 0u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(budget.take(start), std::nullopt);
  EXPECT_EQ(budget.take(start + std::chrono::seconds(1)), 5u);
  EXPECT_EQ(budget.take(start + std::chrono::seconds(1)), 0u);
  EXPECT_EQ(budget.take(start + std::chrono::seconds(1)), std::nullopt);
}

}  // namespace
}  // namespace armada_cache::base
