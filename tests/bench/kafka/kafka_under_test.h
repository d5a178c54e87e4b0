// A Kafka of one broker with the topics of the cache, for one measurement.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/eventlog/event_log.h"
#include "tests/bench/context.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache::bench {

class KafkaUnderTest {
 public:
  // With kPartitions of each topic. Throws std::runtime_error where there can be none.
  KafkaUnderTest();

  std::string servers() const { return cluster_.servers(); }
  test_support::KafkaCluster& cluster() { return cluster_; }
  eventlog::EventLog& log() { return *log_; }

  // What each tier is told of it.
  std::vector<std::string> arguments() const;
  // All partitions of a topic, each at its first record.
  static eventlog::Positions beginning_of(std::string_view topic);
  // Records of all partitions of a topic together. Throws std::runtime_error.
  std::uint64_t records_in(std::string_view topic);

 private:
  test_support::KafkaCluster cluster_;
  std::unique_ptr<eventlog::EventLog> log_;
};

}  // namespace armada_cache::bench
