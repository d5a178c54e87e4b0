// Walks over the fields of an encoded protobuf message, without copying: for the few messages that
// are read too often for generated code, or whose bytes must be kept. As strict as generated code.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace armada_cache::base {

enum class WireType : std::uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroupStart = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

struct FieldTag {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
};

// Every operation answers false or nothing where the bytes are malformed or end too soon; then the
// cursor is of no further use.
class WireCursor {
 public:
  explicit WireCursor(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::optional<FieldTag> tag();
  // The value of a field of that type.
  std::optional<std::uint64_t> varint();
  std::optional<std::string_view> bytes();
  // Over the value of a field that is not known, groups with all they hold.
  bool skip(FieldTag field) { return skip(field, kMaxGroupDepth); }

 private:
  static constexpr int kMaxGroupDepth = 100;

  bool advance(std::size_t count);
  bool skip(FieldTag field, int depth);
  bool skip_group(std::uint32_t number, int depth);

  std::string_view rest_;
};

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  // of that type
  std::string_view bytes;    // of that type
};

// All fields of a message, one after another; of other types than these two only that they are
// there. Groups are skipped whole.
class WireFields {
 public:
  explicit WireFields(std::string_view message) : cursor_(message) {}

  // None at the end, or where the form is broken: is_broken() tells which.
  std::optional<WireField> next();
  bool is_broken() const { return broken_; }

 private:
  bool read_value(WireField& field);

  WireCursor cursor_;
  bool broken_ = false;
};

}  // namespace armada_cache::base
