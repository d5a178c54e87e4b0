// Integers as bytes: fixed ones big endian, so that they sort as keys; lengths as varints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace armada_cache::eventlog::embedded {

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

void append_varint(std::string& to, std::uint64_t value);

// Takes a varint, or `length` bytes, off the front of `from`; false where there are too few.
inline bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < from.size() && i < 10; ++i) {
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

}  // namespace armada_cache::eventlog::embedded
