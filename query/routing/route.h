// Which projectors a question goes to. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "query/routing/partition_directory.h"

namespace armada_cache::query {

using Targets = std::set<std::string>;

// Part of a question, for one projector of the map.
struct Share {
  const ProjectorEntry* projector = nullptr;
  std::vector<std::size_t> at;                  // indices of what was asked for; ascending
  std::vector<eventlog::Partition> partitions;  // of these; ascending, each once
};

// Each item to a projector that has its partition: of the same group as long as that can be, so
// that answers about a job do not alternate between copies of different age. Partitions prefer
// different groups, which spreads the load. `avoided` projectors get nothing. kUnavailable names a
// partition that nobody can be asked about.
base::Result<std::vector<Share>> route(const ProjectorMap& map,
                                       std::span<const eventlog::Partition> partition_of_items,
                                       const Targets& avoided);

// Projectors that have every partition exactly once between them, for questions of which each
// answers for all that it has. kUnavailable: there are none.
base::Result<std::vector<const ProjectorEntry*>> cover(const ProjectorMap& map,
                                                       const Targets& avoided);

}  // namespace armada_cache::query
