#include "core/base/setting_values.h"

#include <charconv>
#include <span>

namespace armada_cache::base {
namespace {

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};
constexpr Suffix kPlain[] = {{"", 1}};
constexpr Suffix kBytes[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
constexpr Suffix kMillis[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::span<const Suffix> suffixes(Unit unit) {
  if (unit == Unit::kBytes) return kBytes;
  if (unit == Unit::kMillis) return kMillis;
  return kPlain;
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view text, Unit unit, Range range) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view written(rest, static_cast<std::size_t>(end - rest));
  for (const Suffix& suffix : suffixes(unit)) {
    if (suffix.text != written) continue;
    std::int64_t value = 0;
    if (__builtin_mul_overflow(number, suffix.factor, &value)) return std::nullopt;
    if (value < range.least || value > range.most) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

std::string number_text(std::int64_t value, Unit unit) {
  Suffix best = suffixes(unit).front();
  for (const Suffix& suffix : suffixes(unit)) {
    if (value != 0 && value % suffix.factor == 0) best = suffix;
  }
  return std::to_string(value / best.factor) + std::string(best.text);
}

std::string describe(Range range, Unit unit) {
  const std::string least = number_text(range.least, unit);
  if (range.most == std::numeric_limits<std::int64_t>::max()) return least + " or more";
  return least + " to " + number_text(range.most, unit);
}

}  // namespace armada_cache::base
