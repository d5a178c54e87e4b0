// The id that Armada gives each message of a job set's stream.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace armada_cache::base {

// "<redis ms>:<redis seq>:<sub index>:<last 0|1>". The first three compare numerically and grow
// strictly within one job set; the last is a flag and takes no part in the order.
struct UpstreamId {
  std::uint64_t millis = 0;
  std::uint64_t sequence = 0;
  std::uint64_t index = 0;

  auto operator<=>(const UpstreamId&) const = default;

  // Empty where the text is not of that form.
  static std::optional<UpstreamId> parse(std::string_view text);
};

}  // namespace armada_cache::base
