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

TEST(ReplicaHealth, OneThatIsBehindTimeAfterTimeIsSuspect) {
  const ReplicaHealth::Time now{};
  ReplicaHealth health(std::chrono::seconds(1));
  for (int i = 0; i < 9; ++i) health.behind("a", now);
  EXPECT_TRUE(health.suspects(now).empty());
  health.answered("a");
  for (int i = 0; i < 9; ++i) health.behind("a", now);
  EXPECT_TRUE(health.suspects(now).empty());
  health.behind("a", now);
  EXPECT_EQ(health.suspects(now), Targets{"a"});
  health.answered("a");
  EXPECT_TRUE(health.suspects(now).empty());
}

}  // namespace
}  // namespace armada_cache::query
