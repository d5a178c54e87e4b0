// The states of a job set's relay, and what each means for answers: the one place that says it.
#pragma once

#include <cstddef>
#include <string_view>

namespace armada_cache::relay {

// The numbers of internal.v1.RelayState and of armada_cache.v1.RelayState.
enum class State : int {
  kUnspecified = 0,
  kCatchingUp = 1,
  kFollowing = 2,
  kRetrying = 3,
  kRefused = 4,
  kGone = 5,
  kParked = 6,
  kStopped = 7,
};
inline constexpr std::size_t kStates = 8;

// kUnspecified for numbers that this program does not know.
State state_of(int number);

// Whether Armada may hold events of the job set that the cache should have and does not.
enum class Doubt {
  kNone,         // no: what Armada had is in the log
  kWhileWanted,  // nothing is followed: only if somebody wants it to be
  kAlways,
};

struct Meaning {
  std::string_view name;  // "catching_up": for logs, metrics and people
  Doubt doubt;
  std::string_view sentence;  // why something may be missing, for people; empty without doubt
  bool expects_events;        // whether more may come without anybody asking
  bool limits_as_of;          // what is known is only as of the stream's last connection
  bool rests;                 // being woken helps
};

// Pure.
const Meaning& meaning_of(State state);
inline const Meaning& meaning_of(int number) {
  return meaning_of(state_of(number));
}
inline std::string_view name_of(State state) {
  return meaning_of(state).name;
}

}  // namespace armada_cache::relay
