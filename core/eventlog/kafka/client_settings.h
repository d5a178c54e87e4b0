// Which properties of librdkafka each kind of client gets. Pure.
#pragma once

#include <map>
#include <string>

#include "core/base/error.h"
#include "core/eventlog/kafka/group_member.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

using Properties = std::map<std::string, std::string>;

// kInvalidArgument, kFailedPrecondition: see open_kafka_log. `library_version` is what
// rd_kafka_version() returns.
base::Status check_properties(const Properties& given, int library_version);

// The latter two are consumers that belong to no group.
Properties producer_properties(const KafkaLogOptions& options);
Properties reader_properties(const KafkaLogOptions& options);
Properties control_properties(const KafkaLogOptions& options);
// A consumer that belongs to a group and reads nothing.
Properties member_properties(const KafkaLogOptions& options, const GroupOptions& group);

}  // namespace armada_cache::eventlog::kafka
