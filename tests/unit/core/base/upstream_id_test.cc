#include "core/base/upstream_id.h"

#include <gtest/gtest.h>

namespace armada_cache::base {
namespace {

TEST(UpstreamId, ReadsItsParts) {
  EXPECT_EQ(UpstreamId::parse("1795340106343:2:17:1"), (UpstreamId{1795340106343, 2, 17}));
}

TEST(UpstreamId, ComparesNumericallyPartByPart) {
  EXPECT_LT(*UpstreamId::parse("9:0:0:1"), *UpstreamId::parse("10:0:0:1"));
  EXPECT_LT(*UpstreamId::parse("9:9:0:1"), *UpstreamId::parse("9:10:0:1"));
  EXPECT_LT(*UpstreamId::parse("9:9:9:1"), *UpstreamId::parse("9:9:10:0"));
}

TEST(UpstreamId, TheLastFlagTakesNoPartInTheOrder) {
  EXPECT_EQ(UpstreamId::parse("1:2:3:0"), UpstreamId::parse("1:2:3:1"));
}

TEST(UpstreamId, RefusesWhatIsNotOfItsForm) {
  for (const char* text : {"", "garbage", "0", "$", "1:2:3", "-1:0:0:1", "1:2:3:4",
                           "1:2:3:1:", "1::3:1", "1:2:3:1 ", "99999999999999999999:0:0:1"}) {
    EXPECT_FALSE(UpstreamId::parse(text)) << text;
  }
}

}  // namespace
}  // namespace armada_cache::base
