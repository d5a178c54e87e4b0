// Small fixed and variable numbers in keys and values; schemas/rocksdb.md describes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace armada_cache::projector {

// Appends to a string. Fixed numbers are big-endian, so that keys sort as their numbers do.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  Packer& u8(std::uint8_t value) {
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  Packer& u32(std::uint32_t value) { return big_endian(value, 4); }
  Packer& u64(std::uint64_t value) { return big_endian(value, 8); }
  Packer& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(static_cast<std::uint8_t>(value | 0x80));
    return u8(static_cast<std::uint8_t>(value));
  }
  // With its length before it.
  Packer& text(std::string_view value) { return varint(value.size()).rest(value); }
  Packer& rest(std::string_view value) {
    out_.append(value);
    return *this;
  }

 private:
  Packer& big_endian(std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      u8(static_cast<std::uint8_t>(value >> shift));
    }
    return *this;
  }

  std::string& out_;
};

// Takes what a Packer wrote. After the first read beyond the end nothing is ok() any more.
class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}

  std::uint8_t u8() {
    if (in_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return value;
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view text() { return take(varint()); }
  std::string_view rest() { return take(in_.size()); }
  bool ok() const { return ok_; }

 private:
  std::uint64_t big_endian(int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | u8();
    return value;
  }
  std::string_view take(std::uint64_t size) {
    if (size > in_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace armada_cache::projector
