#include "core/job/text.h"

#include <gtest/gtest.h>

namespace armada_cache::job {
namespace {

TEST(Cut, LeavesWhatFits) {
  EXPECT_EQ(cut("", 64), "");
  EXPECT_EQ(cut(std::string(64, 'x'), 64), std::string(64, 'x'));
}

TEST(Cut, MarksWhatIsCutAndKeepsTheLimit) {
  const std::string text = cut(std::string(65, 'x'), 64);
  EXPECT_EQ(text.size(), 64U);
  EXPECT_TRUE(text.starts_with("xxxx"));
  EXPECT_TRUE(text.ends_with(" [cut by armada-cache]"));
}

TEST(Cut, NeverSplitsACharacter) {
  for (const std::string_view character : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    for (std::size_t lead = 0; lead < 4; ++lead) {
      std::string text(lead, 'x');
      while (text.size() <= 80) text.append(character);
      const std::string shortened = cut(text, 64);
      const std::size_t kept = shortened.find(" [cut");
      EXPECT_LE(shortened.size(), 64U);
      EXPECT_EQ((kept - lead) % character.size(), 0U);
    }
  }
}

}  // namespace
}  // namespace armada_cache::job
