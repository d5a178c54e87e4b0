// Which partition a key belongs to: the same for every Kafka client that uses Java's default.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/job_set.h"
#include "core/eventlog/record.h"

namespace armada_cache::topics {

// MurmurHash2 with the seed of Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2).
std::uint32_t murmur2(std::string_view key);

// As Java's default partitioner chooses for a record with this key. `partitions` > 0.
eventlog::Partition partition_of(std::string_view key, eventlog::Partition partitions);

// Of a job's events.
eventlog::Partition partition_of_job(std::string_view job_id, eventlog::Partition partitions);
// Of a job set's relay record and of all its subscriptions.
eventlog::Partition partition_of_job_set(const base::JobSet& job_set,
                                         eventlog::Partition partitions);

}  // namespace armada_cache::topics
