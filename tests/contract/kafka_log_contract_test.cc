#include "core/eventlog/kafka/kafka_log.h"
#include "tests/contract/event_log_contract.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"

namespace armada_cache::eventlog {
namespace {

// One broker for all cases, whose topics have names of their own.
test_support::KafkaCluster& cluster() {
  static test_support::KafkaCluster started;
  return started;
}

class KafkaHarness final : public LogHarness {
 public:
  KafkaHarness() : admin_(cluster().servers()) { open(); }

  EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    open();
  }
  void expire(const TopicPartition& partition) override {
    admin_.trim(partition.topic, partition.partition, log_->end_offset(partition).value());
  }
  // Kafka never compacts the segment that is being written, where they are. The end of a
  // transaction is what compaction leaves elsewhere: an offset without a record.
  void bury(const TopicPartition& partition) override {
    const Offset end = log_->end_offset(partition).value() + 2;
    admin_.append_transaction(partition.topic, partition.partition);
    EXPECT_TRUE(test_support::eventually(
        kDeadline, [&] { return log_->end_offset(partition).value() == end; }));
  }

 private:
  void open() {
    log_ = test_support::open_log({.brokers = cluster().servers(),
                                   .topics = test_support::kOneCopy,
                                   .fetch_partition_bytes = 16u << 10});
  }

  test_support::KafkaAdmin admin_;
  std::unique_ptr<EventLog> log_;
};

std::unique_ptr<LogHarness> make_kafka_harness() {
  return std::make_unique<KafkaHarness>();
}

INSTANTIATE_TEST_SUITE_P(Kafka, EventLogContract, testing::Values(&make_kafka_harness));

}  // namespace
}  // namespace armada_cache::eventlog
