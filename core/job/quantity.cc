#include "core/job/quantity.h"

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace armada_cache::job {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 16> kSuffixes = {{
    {"", 1},
    {"n", 1e-9},
    {"u", 1e-6},
    {"m", 1e-3},
    {"k", 1e3},
    {"M", 1e6},
    {"G", 1e9},
    {"T", 1e12},
    {"P", 1e15},
    {"E", 1e18},
    {"Ki", 0x1p10},
    {"Mi", 0x1p20},
    {"Gi", 0x1p30},
    {"Ti", 0x1p40},
    {"Pi", 0x1p50},
    {"Ei", 0x1p60},
}};

}  // namespace

std::optional<double> parse_quantity(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, factor] : kSuffixes) {
    if (name == suffix) return number * factor;
  }
  return std::nullopt;
}

std::string_view quantity_text(std::string_view encoded) {
  constexpr std::uint32_t kStringField1 = (1 << 3) | 2;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(encoded.data()),
                                            static_cast<int>(encoded.size()));
  std::uint32_t size = 0;
  if (in.ReadTag() != kStringField1 || !in.ReadVarint32(&size)) return {};
  const auto start = static_cast<std::size_t>(in.CurrentPosition());
  return size <= encoded.size() - start ? encoded.substr(start, size) : std::string_view();
}

}  // namespace armada_cache::job
