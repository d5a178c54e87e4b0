#include "app/standalone.h"

#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::app {
namespace {

class StandaloneTest : public testing::Test {
 protected:
  StandaloneTest() {
    settings_.data_dir = folder_.path();
    settings_.topics.partitions = 2;
    settings_.ingest.armada.target = "127.0.0.1:1";  // nothing listens there
    settings_.query.server.transport.listen = "127.0.0.1:0";
    spread(settings_);
  }

  test_support::TempDir folder_;
  StandaloneSettings settings_;
};

TEST_F(StandaloneTest, GivesUpBetweenItsParts) {
  constexpr int kParts = 4;
  for (int given_up_at = 1; given_up_at <= kParts; ++given_up_at) {
    int asked = 0;
    Starting starting([&] { return ++asked == given_up_at; });
    base::Metrics metrics;
    Standalone standalone(settings_, metrics);
    const auto started = standalone.start(starting);
    ASSERT_FALSE(started) << given_up_at;
    EXPECT_EQ(base::ErrorCode::kCancelled, started.error().code);
    EXPECT_EQ(given_up_at, asked);
    standalone.stop(std::chrono::steady_clock::now());
  }
  // The folder is free again, and whole.
  base::Metrics metrics;
  Standalone standalone(settings_, metrics);
  Starting starting([] { return false; });
  ASSERT_TRUE(standalone.start(starting));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return standalone.ready().has_value(); }));
  standalone.stop(std::chrono::steady_clock::now() + std::chrono::seconds(10));
  EXPECT_FALSE(standalone.ready());
}

}  // namespace
}  // namespace armada_cache::app
