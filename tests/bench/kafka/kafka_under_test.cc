#include "tests/bench/kafka/kafka_under_test.h"

#include <stdexcept>

#include "tests/bench/log_filler.h"
#include "tests/support/kafka_log.h"
#include "tests/support/three_tiers.h"

namespace armada_cache::bench {
namespace {

constexpr test_support::JavaOptions kJava{.heap_megabytes = 512, .optimizes = true};

}  // namespace

KafkaUnderTest::KafkaUnderTest()
    : cluster_({.brokers = 1, .users = {}, .java = kJava}),
      log_(test_support::open_log(cluster_.servers())) {
  if (auto made = make_topics(*log_, kPartitions); !made) {
    throw std::runtime_error(made.error().message);
  }
}

std::vector<std::string> KafkaUnderTest::arguments() const {
  return test_support::kafka_arguments(servers(), kPartitions);
}

eventlog::Positions KafkaUnderTest::beginning_of(std::string_view topic) {
  eventlog::Positions positions;
  for (eventlog::Partition i = 0; i < kPartitions; ++i) positions[{std::string(topic), i}] = 0;
  return positions;
}

std::uint64_t KafkaUnderTest::records_in(std::string_view topic) {
  std::vector<eventlog::TopicPartition> partitions;
  for (const auto& [at, offset] : beginning_of(topic)) partitions.push_back(at);
  const auto ends = log_->end_offsets(partitions);
  if (!ends) throw std::runtime_error(ends.error().message);
  std::uint64_t records = 0;
  for (const auto& [at, end] : *ends) records += static_cast<std::uint64_t>(end);
  return records;
}

}  // namespace armada_cache::bench
