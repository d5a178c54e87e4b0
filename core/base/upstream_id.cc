#include "core/base/upstream_id.h"

#include <array>
#include <charconv>

namespace armada_cache::base {

std::optional<UpstreamId> UpstreamId::parse(std::string_view text) {
  std::array<std::uint64_t, 4> parts{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (at == end || *at++ != ':')) return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  if (at != end || parts[3] > 1) return std::nullopt;
  return UpstreamId{parts[0], parts[1], parts[2]};
}

}  // namespace armada_cache::base
