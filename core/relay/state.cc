#include "core/relay/state.h"

#include <array>

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::relay {
namespace {

constexpr std::array<Meaning, kStates> kMeanings{{
    {.name = "unspecified",
     .doubt = Doubt::kAlways,
     .sentence = "its state is not known",
     .expects_events = true,
     .limits_as_of = true,
     .rests = false},
    {.name = "catching_up",
     .doubt = Doubt::kAlways,
     .sentence = "its events are still arriving",
     .expects_events = true,
     .limits_as_of = true,
     .rests = false},
    {.name = "following",
     .doubt = Doubt::kNone,
     .sentence = "",
     .expects_events = true,
     .limits_as_of = false,
     .rests = false},
    {.name = "retrying",
     .doubt = Doubt::kAlways,
     .sentence = "its stream is interrupted and tried again",
     .expects_events = true,
     .limits_as_of = true,
     .rests = false},
    {.name = "refused",
     .doubt = Doubt::kAlways,
     .sentence = "Armada refuses its stream",
     .expects_events = true,
     .limits_as_of = true,
     .rests = false},
    {.name = "gone",
     .doubt = Doubt::kNone,
     .sentence = "",
     .expects_events = false,
     .limits_as_of = true,
     .rests = false},
    {.name = "parked",
     .doubt = Doubt::kAlways,
     .sentence = "its stream rests, since nothing came for a while",
     .expects_events = true,
     .limits_as_of = true,
     .rests = true},
    {.name = "stopped",
     .doubt = Doubt::kWhileWanted,
     .sentence = "its stream has not begun again",
     .expects_events = false,
     .limits_as_of = true,
     .rests = false},
}};

constexpr bool same(State state, internal::v1::RelayState number) {
  return static_cast<int>(state) == static_cast<int>(number);
}
static_assert(same(State::kUnspecified, internal::v1::RELAY_STATE_UNSPECIFIED));
static_assert(same(State::kCatchingUp, internal::v1::RELAY_STATE_CATCHING_UP));
static_assert(same(State::kFollowing, internal::v1::RELAY_STATE_FOLLOWING));
static_assert(same(State::kRetrying, internal::v1::RELAY_STATE_RETRYING));
static_assert(same(State::kRefused, internal::v1::RELAY_STATE_REFUSED));
static_assert(same(State::kGone, internal::v1::RELAY_STATE_GONE));
static_assert(same(State::kParked, internal::v1::RELAY_STATE_PARKED));
static_assert(same(State::kStopped, internal::v1::RELAY_STATE_STOPPED));

}  // namespace

State state_of(int number) {
  const bool known = number >= 0 && static_cast<std::size_t>(number) < kStates;
  return known ? static_cast<State>(number) : State::kUnspecified;
}

const Meaning& meaning_of(State state) {
  return kMeanings[static_cast<std::size_t>(state_of(static_cast<int>(state)))];
}

}  // namespace armada_cache::relay
