// Makes topics where they are missing and checks them where they are there.
#pragma once

#include "core/base/error.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/cluster.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

// See EventLog::ensure_topic.
base::Status ensure_topic(Cluster& cluster, const KafkaLogOptions& options, const TopicSpec& spec);

}  // namespace armada_cache::eventlog::kafka
