#include "tests/simulator/wire.h"

#include <fstream>
#include <iterator>
#include <optional>

namespace armada_cache::simulator {
namespace {

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

}  // namespace

void append_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
  out.push_back(static_cast<char>(value));
}

void append_field(std::uint32_t number, std::string_view value, std::string& out) {
  constexpr std::uint32_t kLengthDelimited = 2;
  append_varint(number << 3U | kLengthDelimited, out);
  append_varint(value.size(), out);
  out.append(value);
}

std::string encode_stream_message(std::string_view id, std::string_view event) {
  std::string out;
  out.reserve(id.size() + event.size() + 12);
  append_field(1, id, out);
  append_field(2, event, out);
  return out;
}

base::Result<std::vector<std::string>> read_delimited(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return base::fail(base::ErrorCode::kNotFound, "cannot read " + file.string());
  std::vector<std::string> messages;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto size = take_varint(rest);
    if (!size || *size > rest.size()) {
      return base::fail(base::ErrorCode::kDataLoss,
                        file.string() + " ends within message " + std::to_string(messages.size()));
    }
    messages.emplace_back(rest.substr(0, *size));
    rest.remove_prefix(*size);
  }
  return messages;
}

}  // namespace armada_cache::simulator
