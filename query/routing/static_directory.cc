#include "query/routing/static_directory.h"

#include <map>
#include <utility>

#include "core/base/address.h"
#include "core/topics/partition_ranges.h"

namespace armada_cache::query {
namespace {

using eventlog::Partition;

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

tl::unexpected<base::Error> wrong(std::string_view entry, const std::string& why) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "projector '" + std::string(entry) + "': " + why +
                        "; expected GROUP:HOST:PORT=RANGES, such as a:10.0.0.1:60010=0-7+12");
}

base::Result<ProjectorEntry> parse_entry(std::string_view text, Partition partitions) {
  const auto colon = text.find(':');
  const auto equals = text.rfind('=');
  if (colon == std::string_view::npos || equals == std::string_view::npos || equals < colon) {
    return wrong(text, "it has no group or no partitions");
  }
  ProjectorEntry entry;
  entry.group = text.substr(0, colon);
  entry.target = text.substr(colon + 1, equals - colon - 1);
  if (entry.group.empty()) return wrong(text, "its group has no name");
  if (const auto address = base::parse_address(entry.target); !address) {
    return wrong(text, address.error().message);
  }
  auto held = topics::parse_partitions(text.substr(equals + 1), partitions);
  if (!held) {
    return wrong(text,
                 "its partitions are no ranges within 0 to " + std::to_string(partitions - 1));
  }
  entry.partitions = *std::move(held);
  return entry;
}

}  // namespace

base::Result<std::unique_ptr<StaticDirectory>> StaticDirectory::parse(std::string_view list,
                                                                      Partition partitions) {
  ProjectorMap map{partitions, {}};
  std::map<std::string, std::size_t> counts;
  for (const std::string_view text : split(list, ',')) {
    auto entry = parse_entry(text, partitions);
    if (!entry) return tl::unexpected(entry.error());
    counts[entry->group] += entry->partitions.size();
    map.projectors.push_back(*std::move(entry));
  }
  if (auto checked = check(map); !checked) return tl::unexpected(checked.error());
  for (const auto& [group, count] : counts) {
    if (count == static_cast<std::size_t>(partitions)) continue;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "the projectors of group '" + group + "' have " + std::to_string(count) +
                          " of " + std::to_string(partitions) +
                          " partitions; a group must have them all");
  }
  return std::unique_ptr<StaticDirectory>(new StaticDirectory(std::move(map)));
}

}  // namespace armada_cache::query
