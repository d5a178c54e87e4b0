#include "ingest/wire_reader.h"

#include <limits>

namespace armada_cache::ingest {
namespace {

constexpr std::uint32_t kVarintType = 0;
constexpr std::uint32_t kFixed64Type = 1;
constexpr std::uint32_t kBytesType = 2;
constexpr std::uint32_t kGroupStart = 3;
constexpr std::uint32_t kGroupEnd = 4;
constexpr std::uint32_t kFixed32Type = 5;
constexpr int kMaxGroupDepth = 100;
constexpr std::size_t kMaxVarintBytes = 10;

}  // namespace

std::optional<WireField> WireReader::next() {
  while (!rest_.empty()) {
    const auto tag = varint();
    if (!tag || *tag > std::numeric_limits<std::uint32_t>::max() || (*tag >> 3) == 0) {
      return broken();
    }
    WireField field;
    field.number = static_cast<std::uint32_t>(*tag >> 3);
    const auto wire_type = static_cast<std::uint32_t>(*tag & 7);
    if (wire_type == kGroupStart) {
      if (!skip_group(field.number, 0)) return broken();
      continue;
    }
    if (!read_value(wire_type, field)) return broken();
    return field;
  }
  return std::nullopt;
}

bool WireReader::read_value(std::uint32_t wire_type, WireField& field) {
  switch (wire_type) {
    case kVarintType: {
      field.type = WireField::Type::kVarint;
      const auto value = varint();
      field.varint = value.value_or(0);
      return value.has_value();
    }
    case kFixed64Type:
    case kFixed32Type:
      field.type = WireField::Type::kFixed;
      return take(wire_type == kFixed64Type ? 8 : 4).has_value();
    case kBytesType: {
      field.type = WireField::Type::kBytes;
      const auto size = varint();
      const auto bytes = size ? take(*size) : std::nullopt;
      field.bytes = bytes.value_or(std::string_view());
      return bytes.has_value();
    }
    default:
      return false;
  }
}

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rest_.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<unsigned char>(rest_[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    rest_.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> WireReader::take(std::uint64_t size) {
  if (size > rest_.size()) return std::nullopt;
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

bool WireReader::skip_group(std::uint32_t number, int depth) {
  if (depth > kMaxGroupDepth) return false;
  while (const auto tag = varint()) {
    const auto inner = static_cast<std::uint32_t>(*tag >> 3);
    const auto wire_type = static_cast<std::uint32_t>(*tag & 7);
    if (wire_type == kGroupEnd) return inner == number;
    WireField ignored;
    const bool skipped =
        wire_type == kGroupStart ? skip_group(inner, depth + 1) : read_value(wire_type, ignored);
    if (!skipped) return false;
  }
  return false;
}

std::optional<WireField> WireReader::broken() {
  broken_ = true;
  rest_ = {};
  return std::nullopt;
}

}  // namespace armada_cache::ingest
