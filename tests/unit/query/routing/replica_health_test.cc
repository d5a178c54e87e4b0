#include "query/routing/replica_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReplicaHealth, SuspectsUntilItCooledOffOrAnswered) {
  using std::chrono::milliseconds;
  ReplicaHealth health(milliseconds(100));
  const ReplicaHealth::Time start{};
  health.failed("one", start);
  health.failed("two", start + milliseconds(50));
  EXPECT_THAT(health.suspects(start + milliseconds(99)), ElementsAre("one", "two"));
  EXPECT_THAT(health.suspects(start + milliseconds(100)), ElementsAre("two"));
  health.answered("two");
  EXPECT_THAT(health.suspects(start + milliseconds(101)), IsEmpty());
}

}  // namespace
}  // namespace armada_cache::query
