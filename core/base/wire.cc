#include "core/base/wire.h"

#include <limits>

#include "core/base/bytes.h"

namespace armada_cache::base {
namespace {

// Tags and lengths have 32 bits.
constexpr std::size_t kMaxShortVarintBytes = 5;

}  // namespace

std::optional<FieldTag> WireCursor::tag() {
  std::uint64_t encoded = 0;
  if (!take_varint(rest_, encoded, kMaxShortVarintBytes)) return std::nullopt;
  if (encoded > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const auto value = static_cast<std::uint32_t>(encoded);
  const std::uint32_t type = value & 7U;
  if (value >> 3 == 0 || type > 5) return std::nullopt;
  return FieldTag{value >> 3, static_cast<WireType>(type)};
}

std::optional<std::uint64_t> WireCursor::varint() {
  std::uint64_t value = 0;
  if (!take_varint(rest_, value)) return std::nullopt;
  return value;
}

std::optional<std::string_view> WireCursor::bytes() {
  std::uint64_t size = 0;
  std::string_view value;
  if (!take_varint(rest_, size, kMaxShortVarintBytes)) return std::nullopt;
  if (!take_bytes(rest_, size, value)) return std::nullopt;
  return value;
}

bool WireCursor::advance(std::size_t count) {
  if (count > rest_.size()) return false;
  rest_.remove_prefix(count);
  return true;
}

bool WireCursor::skip(FieldTag field, int depth) {
  switch (field.type) {
    case WireType::kVarint:
      return varint().has_value();
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

std::optional<WireField> WireFields::next() {
  while (!broken_ && !cursor_.at_end()) {
    const auto tag = cursor_.tag();
    WireField field;
    if (tag) field = {tag->number, tag->type, 0, {}};
    broken_ = !tag || !read_value(field);
    if (!broken_ && field.type != WireType::kGroupStart) return field;
  }
  return std::nullopt;
}

bool WireFields::read_value(WireField& field) {
  if (field.type == WireType::kVarint) {
    const auto value = cursor_.varint();
    field.varint = value.value_or(0);
    return value.has_value();
  }
  if (field.type == WireType::kBytes) {
    const auto value = cursor_.bytes();
    field.bytes = value.value_or(std::string_view());
    return value.has_value();
  }
  return cursor_.skip({field.number, field.type});
}

}  // namespace armada_cache::base
