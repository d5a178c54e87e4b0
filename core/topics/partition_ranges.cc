#include "core/topics/partition_ranges.h"

#include <algorithm>
#include <charconv>

namespace armada_cache::topics {
namespace {

using eventlog::Partition;

std::optional<Partition> number(std::string_view text) {
  Partition value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::vector<Partition>> parse_partitions(std::string_view text,
                                                       Partition partitions) {
  std::vector<Partition> all;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::string_view range = text.substr(begin, text.find('+', begin) - begin);
    begin += range.size() + 1;
    const auto dash = range.find('-');
    const auto first = number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= partitions) return std::nullopt;
    for (Partition partition = *first; partition <= *last; ++partition) all.push_back(partition);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace armada_cache::topics
