#include "query/codec/utf8.h"

#include <cstdint>
#include <cstring>

namespace armada_cache::query {
namespace {

bool ascii_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return (word & 0x8080808080808080ULL) == 0;
}

// Length of the well-formed sequence that starts with a byte >= 0x80, or 0.
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  const auto continues = [&](std::size_t i) { return i < left && (at[i] & 0xC0U) == 0x80; };
  const unsigned first = at[0];
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if ((first & 0xF0U) == 0xE0) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = first == 0xE0 && at[1] < 0xA0;
    const bool surrogate = first == 0xED && at[1] > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const bool overlong = first == 0xF0 && at[1] < 0x90;
    const bool beyond = first == 0xF4 && at[1] > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && ascii_word(text.data() + at)) {
      at += 8;
    } else if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
    } else {
      const std::size_t length = sequence_length(
          reinterpret_cast<const unsigned char*>(text.data()) + at, text.size() - at);
      if (length == 0) return false;
      at += length;
    }
  }
  return true;
}

}  // namespace armada_cache::query
