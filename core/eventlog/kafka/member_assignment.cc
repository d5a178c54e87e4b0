#include "core/eventlog/kafka/member_assignment.h"

#include <algorithm>
#include <cstdint>

namespace armada_cache::eventlog::kafka {
namespace {

// Big-endian; reads zeros once the bytes have ended, and knows that they have.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}

  std::int16_t number16() { return static_cast<std::int16_t>(number(2)); }
  std::int32_t number32() { return static_cast<std::int32_t>(number(4)); }
  std::string_view text() {
    const std::int16_t size = number16();
    return size < 0 ? take(left_.size() + 1) : take(static_cast<std::size_t>(size));
  }
  bool complete() const { return complete_; }

 private:
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char byte : take(size)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > left_.size()) {
      complete_ = false;
      left_ = {};
      return {};
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
  bool complete_ = true;
};

}  // namespace

// A version, then topics and their partitions; what follows is the assignor's own.
std::optional<std::vector<Partition>> assigned_of(std::string_view bytes, std::string_view topic) {
  std::vector<Partition> partitions;
  if (bytes.empty()) return partitions;
  Bytes in(bytes);
  if (in.number16() < 0) return std::nullopt;
  for (std::int32_t topics = in.number32(); topics > 0 && in.complete(); --topics) {
    const bool wanted = in.text() == topic;
    for (std::int32_t count = in.number32(); count > 0 && in.complete(); --count) {
      const Partition partition = in.number32();
      if (wanted) partitions.push_back(partition);
    }
  }
  if (!in.complete()) return std::nullopt;
  std::ranges::sort(partitions);
  return partitions;
}

}  // namespace armada_cache::eventlog::kafka
