// The product's log over a test's Kafka.
#pragma once

#include <memory>
#include <string>

#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::test_support {

// One copy of each record is enough for it. Throws std::runtime_error when it cannot be opened: the
// test cannot run.
std::unique_ptr<eventlog::EventLog> open_log(const std::string& servers);
// As the options say in everything.
std::unique_ptr<eventlog::EventLog> open_log(const eventlog::kafka::KafkaLogOptions& options);

inline constexpr eventlog::kafka::TopicDefaults kOneCopy{.replication_factor = 1,
                                                         .min_insync_replicas = 1};

}  // namespace armada_cache::test_support
