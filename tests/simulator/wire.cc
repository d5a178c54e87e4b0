#include "tests/simulator/wire.h"

#include <fstream>
#include <iterator>

#include "core/base/bytes.h"

namespace armada_cache::simulator {

void append_field(std::uint32_t number, std::string_view value, std::string& out) {
  constexpr std::uint32_t kLengthDelimited = 2;
  base::append_varint(out, number << 3U | kLengthDelimited);
  base::append_varint(out, value.size());
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
    std::uint64_t size = 0;
    std::string_view message;
    if (!base::take_varint(rest, size) || !base::take_bytes(rest, size, message)) {
      return base::fail(base::ErrorCode::kDataLoss,
                        file.string() + " ends within message " + std::to_string(messages.size()));
    }
    messages.emplace_back(message);
  }
  return messages;
}

}  // namespace armada_cache::simulator
