// What each state of a relay means.
#include "core/relay/state.h"

#include <gtest/gtest.h>

#include <set>

#include "armada_cache/internal/v1/records.pb.h"
#include "armada_cache/v1/cache.pb.h"

namespace armada_cache::relay {
namespace {

std::string upper(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(RelayState, BothDefinitionsAndTheTableNameTheSameStates) {
  ASSERT_EQ(static_cast<std::size_t>(internal::v1::RelayState_ARRAYSIZE), kStates);
  ASSERT_EQ(static_cast<std::size_t>(v1::RelayState_ARRAYSIZE), kStates);
  for (int i = 0; i < static_cast<int>(kStates); ++i) {
    const std::string name = "RELAY_STATE_" + upper(name_of(state_of(i)));
    EXPECT_EQ(internal::v1::RelayState_Name(i), name);
    EXPECT_EQ(v1::RelayState_Name(i), name);
  }
}

TEST(RelayState, Invariant4OnlyFollowingAndGoneAreWithoutDoubt) {
  for (int i = -1; i < static_cast<int>(kStates) + 2; ++i) {
    const Meaning& meaning = meaning_of(i);
    const State state = state_of(i);
    const bool settled = state == State::kFollowing || state == State::kGone;
    EXPECT_EQ(meaning.doubt == Doubt::kNone, settled) << meaning.name;
    EXPECT_EQ(meaning.doubt == Doubt::kWhileWanted, state == State::kStopped) << meaning.name;
    EXPECT_EQ(meaning.sentence.empty(), settled) << meaning.name;
    EXPECT_EQ(meaning.limits_as_of, state != State::kFollowing) << meaning.name;
    EXPECT_EQ(meaning.rests, state == State::kParked) << meaning.name;
  }
}

TEST(RelayState, NumbersOfNewerProgramsAreDoubt) {
  EXPECT_EQ(state_of(99), State::kUnspecified);
  EXPECT_EQ(state_of(-3), State::kUnspecified);
  EXPECT_EQ(meaning_of(99).doubt, Doubt::kAlways);
}

}  // namespace
}  // namespace armada_cache::relay
