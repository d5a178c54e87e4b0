#include "core/base/address.h"

#include <gtest/gtest.h>

namespace armada_cache::base {
namespace {

TEST(Address, ReadsHostAndPort) {
  EXPECT_EQ(parse_address("127.0.0.1:60003")->port, 60003);
  EXPECT_EQ(parse_address("armada.example:1")->host, "armada.example");
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text :
       {"", "host", ":1", "host:", "host:x", "host:65536", "host:-1", "::1:80"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(Address, KnowsLoopback) {
  EXPECT_TRUE(is_loopback("127.3.2.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
}

}  // namespace
}  // namespace armada_cache::base
