#include "core/rpc/calls/departures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::rpc {
namespace {

using testing::ElementsAre;

std::vector<std::size_t> turns(Departures& departures) {
  std::vector<std::size_t> sizes;
  while (!departures.empty()) sizes.push_back(departures.next_turn().size());
  return sizes;
}

TEST(Departures, AConnectionsLastAnswerLeavesAlone) {
  Departures departures;
  for (int i = 0; i < 6; ++i) departures.add("one", nullptr);
  EXPECT_THAT(turns(departures), ElementsAre(2, 2, 1, 1));
  departures.add("one", nullptr);
  EXPECT_THAT(turns(departures), ElementsAre(1));
}

TEST(Departures, ConnectionsDoNotWaitForEachOther) {
  Departures departures;
  for (int i = 0; i < 3; ++i) departures.add("one", nullptr);
  departures.add("two", nullptr);
  EXPECT_THAT(turns(departures), ElementsAre(3, 1));
}

TEST(Departures, EverythingAtOnceWhereThereIsNoTime) {
  Departures departures;
  for (int i = 0; i < 5; ++i) departures.add(i % 2 == 0 ? "one" : "two", nullptr);
  EXPECT_EQ(departures.everything().size(), 5U);
  EXPECT_TRUE(departures.empty());
}

}  // namespace
}  // namespace armada_cache::rpc
