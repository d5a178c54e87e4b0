// The log of the tiers as processes of their own.
#pragma once

#include <memory>

#include "app/settings/kafka.h"
#include "app/settings/topics.h"
#include "app/starting.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::app {

// Opens it and creates or checks the topics; waits for brokers that are away. Errors that waiting
// does not mend say what to do: wrong credentials, missing rights, topics that are set otherwise.
base::Result<std::unique_ptr<eventlog::EventLog>> start_kafka_log(const KafkaSettings& kafka,
                                                                  const TopicSettings& topics,
                                                                  Starting& starting);

}  // namespace armada_cache::app
