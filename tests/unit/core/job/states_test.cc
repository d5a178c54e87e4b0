#include "core/job/states.h"

#include <gtest/gtest.h>

#include "armada/api/submit.pb.h"

namespace armada_cache::job {
namespace {

TEST(Invariant2, OnlyPreemptedOverridesATerminalStateAndOnlyThreeOfThem) {
  for (int from = api::JobState_MIN; from <= api::JobState_MAX; ++from) {
    for (int to = api::JobState_MIN; to <= api::JobState_MAX; ++to) {
      const bool yields = from == api::SUCCEEDED || from == api::FAILED || from == api::CANCELLED;
      const bool expected = !is_terminal(from) || (yields && to == api::PREEMPTED);
      EXPECT_EQ(may_become(from, to), expected) << from << " to " << to;
    }
  }
}

TEST(States, FiveAreTerminalAndUnknownValuesAreNot) {
  int terminal = 0;
  for (int state = -5; state < 100; ++state) terminal += is_terminal(state) ? 1 : 0;
  EXPECT_EQ(terminal, 5);
}

}  // namespace
}  // namespace armada_cache::job
