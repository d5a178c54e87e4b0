// Walks over the fields of an encoded protobuf message.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace armada_cache::query {

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
  std::optional<std::string_view> bytes();
  // Over the value of a field that is not known, groups with all they hold.
  bool skip(FieldTag field) { return skip(field, kMaxGroupDepth); }

 private:
  static constexpr int kMaxGroupDepth = 100;

  std::optional<std::uint64_t> varint(int max_bytes);
  bool advance(std::size_t count);
  bool skip(FieldTag field, int depth);
  bool skip_group(std::uint32_t number, int depth);

  std::string_view rest_;
};

}  // namespace armada_cache::query
