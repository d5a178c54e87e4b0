// The generation of a consumer group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/eventlog/kafka/handles.h"

namespace armada_cache::eventlog::kafka {

// That of the sharing which `member` of the group takes part in; none if it takes part in none, or
// cannot tell. librdkafka gives it away only in bytes whose form is its own: so they are compared
// with those of a known generation, and what was found is checked by writing it.
std::optional<std::int32_t> generation_of(rd_kafka_t* member, const std::string& group,
                                          const std::string& instance_id);

}  // namespace armada_cache::eventlog::kafka
