// Partitions as people list them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/eventlog/record.h"

namespace armada_cache::topics {

// "0-3+8-11+15": ascending, and twice what is there twice. None where the text is no such list of
// partitions below `partitions`.
std::optional<std::vector<eventlog::Partition>> parse_partitions(std::string_view text,
                                                                 eventlog::Partition partitions);

}  // namespace armada_cache::topics
