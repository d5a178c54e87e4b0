#include "query/remote/gatherer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Gatherer, SendsAtOnceWhileLittleIsUnderWayAndGathersThen) {
  Gatherer<int> gatherer({.batches_max = 2, .batch_max = 3, .waiting_max = 10});
  EXPECT_THAT(gatherer.add(1), ElementsAre(1));
  EXPECT_THAT(gatherer.add(2), ElementsAre(2));
  for (int i = 3; i < 8; ++i) EXPECT_THAT(gatherer.add(i), IsEmpty());
  EXPECT_THAT(gatherer.finished(), ElementsAre(3, 4, 5));
  EXPECT_THAT(gatherer.finished(), ElementsAre(6, 7));
  EXPECT_THAT(gatherer.finished(), IsEmpty());
  EXPECT_THAT(gatherer.add(8), ElementsAre(8));
}

TEST(Gatherer, IsFullAtItsBound) {
  Gatherer<int> gatherer({.batches_max = 1, .batch_max = 3, .waiting_max = 2});
  gatherer.add(1);
  gatherer.add(2);
  EXPECT_FALSE(gatherer.full());
  gatherer.add(3);
  EXPECT_TRUE(gatherer.full());
  gatherer.finished();
  EXPECT_FALSE(gatherer.full());
}

}  // namespace
}  // namespace armada_cache::query
