#include "query/codec/wire_cursor.h"

#include <limits>

namespace armada_cache::query {

std::optional<FieldTag> WireCursor::tag() {
  const auto encoded = varint(5);
  if (!encoded || *encoded > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const auto value = static_cast<std::uint32_t>(*encoded);
  const std::uint32_t type = value & 7U;
  if (value >> 3 == 0 || type > 5) return std::nullopt;
  return FieldTag{value >> 3, static_cast<WireType>(type)};
}

std::optional<std::string_view> WireCursor::bytes() {
  const auto size = varint(5);
  if (!size || *size > rest_.size()) return std::nullopt;
  const std::string_view value = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return value;
}

std::optional<std::uint64_t> WireCursor::varint(int max_bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < max_bytes && static_cast<std::size_t>(i) < rest_.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(static_cast<std::size_t>(i) + 1);
      return value;
    }
  }
  return std::nullopt;
}

bool WireCursor::advance(std::size_t count) {
  if (count > rest_.size()) return false;
  rest_.remove_prefix(count);
  return true;
}

bool WireCursor::skip(FieldTag field, int depth) {
  switch (field.type) {
    case WireType::kVarint:
      return varint(10).has_value();
    case WireType::kFixed64:
      return advance(8);
    case WireType::kBytes:
      return bytes().has_value();
    case WireType::kGroupStart:
      return skip_group(field.number, depth);
    case WireType::kFixed32:
      return advance(4);
    case WireType::kGroupEnd:
      break;
  }
  return false;
}

bool WireCursor::skip_group(std::uint32_t number, int depth) {
  if (depth == 0) return false;
  while (!at_end()) {
    const auto field = tag();
    if (!field) return false;
    if (field->type == WireType::kGroupEnd) return field->number == number;
    if (!skip(*field, depth - 1)) return false;
  }
  return false;
}

}  // namespace armada_cache::query
