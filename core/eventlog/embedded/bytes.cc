#include "core/eventlog/embedded/bytes.h"

namespace armada_cache::eventlog::embedded {

void append_varint(std::string& to, std::uint64_t value) {
  while (value >= 0x80) {
    to.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  to.push_back(static_cast<char>(value));
}

}  // namespace armada_cache::eventlog::embedded
