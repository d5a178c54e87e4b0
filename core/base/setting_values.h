// Numbers as people write them in settings: 8, 64KiB, 250ms.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace armada_cache::base {

struct Range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

enum class Unit {
  kNone,
  kBytes,   // 1048576, 64KiB, 16MiB, 2GiB
  kMillis,  // 250ms, 10s, 5m, 12h, 42d
};

// None: not so written, or out of range.
std::optional<std::int64_t> parse_number(std::string_view text, Unit unit, Range range);
// In the largest unit that states the value exactly.
std::string number_text(std::int64_t value, Unit unit);
// "1KiB to 1GiB", "8 or more".
std::string describe(Range range, Unit unit);

}  // namespace armada_cache::base
