// One client of librdkafka with its configuration, its log and what it has to complain about.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/eventlog/kafka/client_settings.h"
#include "core/eventlog/kafka/handles.h"

namespace armada_cache::eventlog::kafka {

// Thread-safe.
class Client {
 public:
  using OnDelivery = void (*)(const Client& client, const rd_kafka_message_t& message);
  // What becomes of a member of a group; `partitions` are librdkafka's.
  using OnRebalance = std::function<void(rd_kafka_resp_err_t what,
                                         const rd_kafka_topic_partition_list_t& partitions)>;

  // `name` is for the log. `on_delivery` runs within serve(), `on_rebalance` within polls of the
  // consumer's queue. kInvalidArgument: a property.
  static base::Result<std::unique_ptr<Client>> make_consumer(std::string name,
                                                             const Properties& properties,
                                                             OnRebalance on_rebalance = nullptr);
  static base::Result<std::unique_ptr<Client>> make_producer(std::string name,
                                                             const Properties& properties,
                                                             OnDelivery on_delivery);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* get() const { return client_; }

  // Runs what waits to be told (deliveries, complaints); waits for the first one.
  void serve(std::chrono::milliseconds wait);
  // Makes a waiting serve(), or the next one, return at once.
  void wake();

  // "WHAT: REASON (CODE)", and what to do about it where that is known, for whom.
  base::Error error(rd_kafka_resp_err_t error, std::string_view what,
                    std::string_view reason) const;
  base::Error error(rd_kafka_resp_err_t error, std::string_view what) const;

  // The newest complaint about connections and logins since forget_trouble().
  std::optional<base::Error> trouble() const;
  void forget_trouble();
  // The client can do no more.
  std::optional<base::Error> fatal() const;

 private:
  explicit Client(std::string name) : name_(std::move(name)) {}
  static base::Result<std::unique_ptr<Client>> make(rd_kafka_type_t type, std::string name,
                                                    const Properties& properties,
                                                    OnDelivery on_delivery,
                                                    OnRebalance on_rebalance);
  void note(rd_kafka_resp_err_t error, const char* reason);

  static void on_log(const rd_kafka_t* client, int level, const char* facility,
                     const char* message);
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* opaque);
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque);

  const std::string name_;
  std::string user_;  // empty where it does not log in by a name
  OnDelivery on_delivery_ = nullptr;
  OnRebalance on_rebalance_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle events_;
  mutable std::mutex mutex_;
  std::optional<base::Error> trouble_;
};

}  // namespace armada_cache::eventlog::kafka
