#include "core/lookup/kept_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace armada_cache::lookup {
namespace {

TEST(KeptIds, OutliveTheOriginalsAndMoves) {
  std::string text = "one three";
  const std::vector<std::string_view> ids{std::string_view(text).substr(0, 3), "",
                                          std::string_view(text).substr(4)};
  KeptIds kept(ids);
  text.assign(text.size(), '-');
  const KeptIds moved = std::move(kept);
  EXPECT_THAT(moved.views(), testing::ElementsAre("one", "", "three"));
}

TEST(KeptIds, MayBeNone) {
  EXPECT_TRUE(KeptIds(std::span<const std::string_view>()).views().empty());
}

}  // namespace
}  // namespace armada_cache::lookup
