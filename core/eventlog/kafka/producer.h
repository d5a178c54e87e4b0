// Stores appends through an idempotent producer of librdkafka, which is thrown away when anything
// goes wrong.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/cluster.h"
#include "core/eventlog/kafka/delivery.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

// Thread-safe. One thread tells all outcomes. After a failure nothing is taken until everything
// that was under way has been told.
class Producer {
 public:
  // Whether there can be one with these options; asks no broker.
  static base::Status check(const KafkaLogOptions& options);

  // Comes to the brokers with the first append: who never appends needs no right to. `cluster` must
  // outlive the producer, which runs what it has to tell.
  Producer(const KafkaLogOptions& options, Cluster& cluster);
  // Appends must be settled.
  ~Producer();

  // See Appender::append; the partition exists.
  void append(const TopicPartition& to, const std::vector<Record>& batch,
              Appender::Acknowledged done, std::shared_ptr<Outstanding> owner);

  // See EventLog::writable.
  base::Status writable();

 private:
  using Ready = std::vector<std::unique_ptr<Delivery>>;

  static void on_delivery(const Client& client, const rd_kafka_message_t& message);

  std::optional<base::Error> refusal(const TopicPartition& to, const std::vector<Record>& batch,
                                     std::size_t bytes) const;
  void make_client();  // or failed_
  void enqueue(const TopicPartition& to, const std::vector<Record>& batch, Delivery& delivery);
  rd_kafka_topic_t* topic(const std::string& name);

  void run();
  void serve();
  bool is_stopping();
  std::optional<base::Error> failure();
  void settle();
  void abandon(const base::Error& cause);
  void take_back();
  std::optional<base::Error> refused_append() const;
  void rebuild();
  void fail_lines();
  base::Error blame(base::Error fatal) const;
  std::optional<base::Error> overdue() const;

  const KafkaLogOptions options_;
  Cluster& cluster_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Client> client_;  // null before the first append, and while it is rebuilt
  std::map<std::string, TopicHandle> topics_;
  DeliveryLines lines_;
  std::size_t queued_bytes_ = 0;
  std::optional<base::Error> failed_;  // appends are refused; the thread gives up what is under way
  std::chrono::milliseconds backoff_;
  base::Error doubt_;  // the last failure
  std::chrono::steady_clock::time_point in_doubt_until_;
  bool stopping_ = false;

  std::thread thread_;  // the last: it uses all of the above
};

}  // namespace armada_cache::eventlog::kafka
