// What tests ask of a Kafka cluster besides what the product does: as its superuser, over the
// listener that allows everything. Functions throw std::runtime_error when the cluster refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace armada_cache::test_support {

class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& servers);
  ~KafkaAdmin();

  // How many brokers are members now; 0 when none answers within a moment.
  std::size_t brokers_that_answer() const;

  void create_topic(const std::string& name, int partitions, int copies = 1,
                    const std::map<std::string, std::string>& settings = {}) const;
  // Who leads each partition; brokers are counted from 0, as those of a KafkaCluster.
  std::vector<std::size_t> leaders(const std::string& topic) const;
  // Forgets all records below the offset.
  void trim(const std::string& topic, std::int32_t partition, std::int64_t before) const;
  // Appends a record in a transaction, whose end takes the offset after it.
  void append_transaction(const std::string& topic, std::int32_t partition) const;
  // Appends a record in a transaction that stays open, at least while what this returns lives.
  [[nodiscard]] std::shared_ptr<void> open_transaction(const std::string& topic,
                                                       std::int32_t partition) const;

  // Operations as Kafka's access lists name them.
  enum class Operation { kRead, kWrite, kCreate, kDescribe, kDescribeConfigs, kAll };
  void allow(const std::string& user, Operation operation, const std::string& topic) const;
  void allow_on_group(const std::string& user, Operation operation, const std::string& group) const;

 private:
  class Impl;
  // `on` is a kind of rd_kafka_ResourceType_t.
  void allow(const std::string& user, Operation operation, int on, const std::string& name) const;

  std::string servers_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::test_support
