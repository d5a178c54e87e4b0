// What a member of a consumer group was assigned, in the bytes that its group's leader made of it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/eventlog/record.h"

namespace armada_cache::eventlog::kafka {

// The partitions of a topic, ascending; none of no bytes, as members have while their group shares
// out its partitions. Nothing: the bytes are no assignment of a consumer. Pure.
std::optional<std::vector<Partition>> assigned_of(std::string_view bytes, std::string_view topic);

}  // namespace armada_cache::eventlog::kafka
