// Pulses: records of armada.relays by which the ingest that owns a partition shows that it lives.
#pragma once

#include "core/base/job_set.h"
#include "core/eventlog/record.h"

namespace armada_cache::topics {

// Whose key a partition's pulse has: no job set, since each of those has a queue.
base::JobSet pulse_of(eventlog::Partition partition);
inline bool is_pulse(const base::JobSet& key) {
  return key.queue.empty();
}
// -1: the key is not one that pulse_of() makes.
eventlog::Partition partition_of_pulse(const base::JobSet& key);

}  // namespace armada_cache::topics
