// How our topics are set on Kafka, and what is wrong with one that is there. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/cluster.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

// kInvalidArgument where Kafka can have no such topic.
base::Status check_spec(const TopicSpec& spec);

// A topic as it is to be created.
TopicDescription wanted_topic(const TopicSpec& spec, const KafkaLogOptions& options);

// One line for each thing that differs so that the log would not keep its promises: what there is,
// what is wanted, and the command that mends it.
std::vector<std::string> differences(const TopicSpec& spec, const KafkaLogOptions& options,
                                     const TopicDescription& found);

}  // namespace armada_cache::eventlog::kafka
