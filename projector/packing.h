// Small fixed and variable numbers in keys and values; schemas/rocksdb.md describes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace armada_cache::projector {

// Appends to a string. Fixed numbers are big-endian, so that keys sort as their numbers do.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  Packer& u8(std::uint8_t value) {
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  Packer& u32(std::uint32_t value) { return fixed(value); }
  Packer& u64(std::uint64_t value) { return fixed(value); }
  Packer& varint(std::uint64_t value) {
    base::append_varint(out_, value);
    return *this;
  }
  // With its length before it.
  Packer& text(std::string_view value) { return varint(value.size()).rest(value); }
  Packer& rest(std::string_view value) {
    out_.append(value);
    return *this;
  }

 private:
  template <typename Unsigned>
  Packer& fixed(Unsigned value) {
    base::append_fixed(out_, value);
    return *this;
  }

  std::string& out_;
};

// Takes what a Packer wrote. After the first read beyond the end nothing is ok() any more.
class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    ok_ = base::take_varint(in_, value) && ok_;
    return ok_ ? value : 0;
  }
  std::string_view text() { return take(varint()); }
  std::string_view rest() { return take(in_.size()); }
  bool ok() const { return ok_; }

 private:
  template <typename Unsigned>
  Unsigned fixed() {
    const std::string_view bytes = take(sizeof(Unsigned));
    return bytes.empty() ? Unsigned{0} : base::get_fixed<Unsigned>(bytes.data());
  }
  std::string_view take(std::uint64_t size) {
    std::string_view taken;
    ok_ = base::take_bytes(in_, size, taken) && ok_;
    return taken;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace armada_cache::projector
