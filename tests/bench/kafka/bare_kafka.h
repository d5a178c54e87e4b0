// The ceilings of what goes through Kafka: librdkafka alone, set as the product sets it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/eventlog/record.h"

namespace armada_cache::bench {

struct BareRun {
  double records_a_second = 0;
  double cpu_us = 0;  // of this process, a record
};

struct PlacedRecord {
  eventlog::Partition partition = 0;
  eventlog::Record record;
};

// Stores the records, in their order and from one thread, by an idempotent producer; timed until
// the last one is acknowledged. Throws std::runtime_error.
BareRun produce_bare(const std::string& servers, const std::string& topic,
                     const std::vector<PlacedRecord>& records);

// Reads so many records of the positions' partitions, one by one and on one thread; timed from the
// first one. Throws std::runtime_error.
BareRun consume_bare(const std::string& servers, const eventlog::Positions& from,
                     std::uint64_t records);

}  // namespace armada_cache::bench
