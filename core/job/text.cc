#include "core/job/text.h"

namespace armada_cache::job {

std::string cut(std::string_view text, std::size_t limit) {
  constexpr std::string_view kMark = " [cut by armada-cache]";
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit - kMark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  std::string shortened(text.substr(0, end));
  return shortened.append(kMark);
}

}  // namespace armada_cache::job
