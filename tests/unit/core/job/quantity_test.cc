#include "core/job/quantity.h"

#include <gtest/gtest.h>

namespace armada_cache::job {
namespace {

TEST(Quantity, ReadsEverySuffix) {
  EXPECT_DOUBLE_EQ(*parse_quantity("1"), 1);
  EXPECT_DOUBLE_EQ(*parse_quantity("+1.5"), 1.5);
  EXPECT_DOUBLE_EQ(*parse_quantity("250m"), 0.25);
  EXPECT_DOUBLE_EQ(*parse_quantity("7u"), 7e-6);
  EXPECT_DOUBLE_EQ(*parse_quantity("7n"), 7e-9);
  EXPECT_DOUBLE_EQ(*parse_quantity("1k"), 1000);
  EXPECT_DOUBLE_EQ(*parse_quantity("2G"), 2e9);
  EXPECT_DOUBLE_EQ(*parse_quantity("128Mi"), 134217728);
  EXPECT_DOUBLE_EQ(*parse_quantity("1Ei"), 0x1p60);
  EXPECT_DOUBLE_EQ(*parse_quantity("1E"), 1e18);
  EXPECT_DOUBLE_EQ(*parse_quantity("12e6"), 12e6);
  EXPECT_DOUBLE_EQ(*parse_quantity("-3"), -3);
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const char* text : {"", "m", "1x", "1 Mi", "nan", "inf", "1Mii", "++1"}) {
    EXPECT_FALSE(parse_quantity(text).has_value()) << text;
  }
}

TEST(Quantity, FindsTheTextInItsEncoding) {
  EXPECT_EQ(quantity_text("\n\x04"
                          "250m"),
            "250m");
  EXPECT_EQ(quantity_text(""), "");
  EXPECT_EQ(quantity_text("\n\x09"
                          "250m"),
            "");
  EXPECT_EQ(quantity_text("\x12\x01x"), "");
}

}  // namespace
}  // namespace armada_cache::job
