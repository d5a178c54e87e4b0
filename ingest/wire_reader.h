// Reads the fields of one protobuf message, one after another, without copying.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace armada_cache::ingest {

struct WireField {
  std::uint32_t number = 0;
  enum class Type { kVarint, kFixed, kBytes } type = Type::kVarint;
  std::uint64_t varint = 0;  // kVarint
  std::string_view bytes;    // kBytes
};

class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // The next field; none at the end or where the form is broken (is_broken() tells which).
  // Groups are skipped whole.
  std::optional<WireField> next();
  bool is_broken() const { return broken_; }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::string_view> take(std::uint64_t size);
  bool skip_group(std::uint32_t number, int depth);
  std::optional<WireField> broken();
  bool read_value(std::uint32_t wire_type, WireField& field);

  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace armada_cache::ingest
