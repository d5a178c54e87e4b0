#include "app/standalone.h"

#include <gmock/gmock.h>

#include "tests/support/temp_dir.h"

namespace armada_cache::app {
namespace {

class StandaloneTest : public testing::Test {
 protected:
  StandaloneSettings settings() const {
    StandaloneSettings settings;
    settings.armada = "127.0.0.1:1";  // nothing listens there
    settings.data_dir = folder_.path();
    settings.grpc_listen = settings.http_listen = "127.0.0.1:0";
    return settings;
  }

  test_support::TempDir folder_;
};

TEST_F(StandaloneTest, GivesUpBetweenItsPartsAndWhileItWaitsToBeReady) {
  constexpr int kQuestions = 7;  // before each of six parts, and while it waits
  for (int given_up_at = 1; given_up_at <= kQuestions; ++given_up_at) {
    int asked = 0;
    const auto started = Standalone::start(settings(), [&] { return ++asked == given_up_at; });
    ASSERT_FALSE(started) << given_up_at;
    EXPECT_EQ(base::ErrorCode::kCancelled, started.error().code);
    EXPECT_EQ(given_up_at, asked);
  }
  // The folder is free again, and whole.
  EXPECT_TRUE(Standalone::start(settings(), [] { return false; }));
}

}  // namespace
}  // namespace armada_cache::app
