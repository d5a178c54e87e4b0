// Reads a fixed set of partitions, as a member of no group.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/cluster.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

class KafkaReader final : public Reader {
 public:
  // The partitions exist; `cluster` must outlive the reader.
  static base::Result<std::unique_ptr<Reader>> make(const KafkaLogOptions& options,
                                                    Cluster& cluster, const Positions& positions);
  ~KafkaReader() override;

  base::Result<std::span<const RecordView>> poll(std::size_t max_records,
                                                 std::chrono::milliseconds wait) override;
  Offset position(const TopicPartition& of) const override;
  void interrupt() override;

 private:
  struct Source {
    Offset position = 0;
    bool lost = false;  // its position is not in the log
  };
  struct Topic {
    std::string name;
    TopicHandle handle;
    std::map<Partition, Source> sources;
  };

  KafkaReader(const KafkaLogOptions& options, Cluster& cluster, std::unique_ptr<Client> client);
  base::Status start(const Positions& positions);
  base::Status start(Topic& topic, Partition partition);

  void release();
  void fetch(std::size_t max_records);
  void fetch_one(std::chrono::milliseconds wait);
  void take(MessageHandle message);
  void take_record(MessageHandle message, Topic& topic, Source& source);
  void take_error(const rd_kafka_message_t& message, Topic& topic, Source& source);
  void point_headers();
  base::Status find_lost();
  base::Status find_lost(Topic& topic, Partition partition, Source& source,
                         std::chrono::steady_clock::time_point deadline);

  const KafkaLogOptions options_;
  Cluster& cluster_;
  const std::unique_ptr<Client> client_;
  QueueHandle queue_;
  std::map<std::string, Topic, std::less<>> topics_;
  bool any_lost_ = false;
  std::atomic<bool> interrupted_ = false;
  std::optional<base::Error> error_;  // to be told when the records before it were

  // What the last poll returned.
  std::vector<rd_kafka_message_t*> fetched_;
  std::vector<MessageHandle> messages_;
  std::vector<HeaderView> headers_;
  std::vector<std::size_t> header_counts_;
  std::vector<RecordView> records_;
};

}  // namespace armada_cache::eventlog::kafka
