// Integers as bytes, for keys and for packed values: fixed ones big endian, so that they sort as
// numbers do; variable ones as protobuf's varints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace armada_cache::base {

template <typename Unsigned>
void put_fixed(char* to, Unsigned value) {
  for (std::size_t i = sizeof(Unsigned); i-- > 0; value = static_cast<Unsigned>(value >> 8)) {
    to[i] = static_cast<char>(value & 0xff);
  }
}

template <typename Unsigned>
void append_fixed(std::string& to, Unsigned value) {
  char bytes[sizeof(Unsigned)];
  put_fixed(bytes, value);
  to.append(bytes, sizeof(Unsigned));
}

// The caller has checked that there are enough bytes.
template <typename Unsigned>
Unsigned get_fixed(const char* from) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(from[i]));
  }
  return value;
}

inline void append_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

inline std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

inline constexpr std::size_t kMaxVarintBytes = 10;

// Takes a varint, or `length` bytes, off the front of `from`. False, and nothing taken, where there
// are too few, or where the varint is longer than `max_bytes`.
inline bool take_varint(std::string_view& from, std::uint64_t& value,
                        std::size_t max_bytes = kMaxVarintBytes) {
  value = 0;
  for (std::size_t i = 0; i < from.size() && i < max_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      from.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

inline bool take_bytes(std::string_view& from, std::uint64_t length, std::string_view& bytes) {
  if (length > from.size()) return false;
  bytes = from.substr(0, length);
  from.remove_prefix(length);
  return true;
}

}  // namespace armada_cache::base
