#include "core/eventlog/kafka/client.h"

#include <array>
#include <string_view>

#include "core/base/log.h"
#include "core/eventlog/kafka/errors.h"

namespace armada_cache::eventlog::kafka {
namespace {

constexpr std::size_t kErrorTextSize = 512;
constexpr int kSyslogError = 3;
constexpr int kSyslogWarning = 4;
constexpr int kSyslogDebug = 7;

base::LogLevel log_level(int syslog_level) {
  if (syslog_level <= kSyslogError) return base::LogLevel::kError;
  if (syslog_level == kSyslogWarning) return base::LogLevel::kWarn;
  return syslog_level < kSyslogDebug ? base::LogLevel::kInfo : base::LogLevel::kDebug;
}

// The text of librdkafka names the property, and the value only where it chooses among few.
base::Status apply(rd_kafka_conf_t* conf, const Properties& properties) {
  for (const auto& [name, value] : properties) {
    std::array<char, kErrorTextSize> text{};
    const auto set = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size());
    if (set == RD_KAFKA_CONF_OK) continue;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "the Kafka property " + name + " cannot be set so: " + text.data());
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Client>> Client::make_consumer(std::string name,
                                                            const Properties& properties,
                                                            OnRebalance on_rebalance) {
  return make(RD_KAFKA_CONSUMER, std::move(name), properties, nullptr, std::move(on_rebalance));
}

base::Result<std::unique_ptr<Client>> Client::make_producer(std::string name,
                                                            const Properties& properties,
                                                            OnDelivery on_delivery) {
  return make(RD_KAFKA_PRODUCER, std::move(name), properties, on_delivery, nullptr);
}

base::Result<std::unique_ptr<Client>> Client::make(rd_kafka_type_t type, std::string name,
                                                   const Properties& properties,
                                                   OnDelivery on_delivery,
                                                   OnRebalance on_rebalance) {
  std::unique_ptr<Client> made(new Client(std::move(name)));
  made->on_delivery_ = on_delivery;
  made->on_rebalance_ = std::move(on_rebalance);
  if (const auto user = properties.find("sasl.username"); user != properties.end()) {
    made->user_ = user->second;
  }
  Configuration conf(rd_kafka_conf_new());
  if (auto applied = apply(conf.get(), properties); !applied) {
    return tl::unexpected(applied.error());
  }
  rd_kafka_conf_set_opaque(conf.get(), made.get());
  rd_kafka_conf_set_log_cb(conf.get(), &Client::on_log);
  rd_kafka_conf_set_error_cb(conf.get(), &Client::on_error);
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), &Client::on_delivery);
  if (made->on_rebalance_) rd_kafka_conf_set_rebalance_cb(conf.get(), &Client::on_rebalance);
  std::array<char, kErrorTextSize> text{};
  made->client_ = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (made->client_ == nullptr) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "the Kafka client " + made->name_ + " cannot be made: " + text.data());
  }
  static_cast<void>(conf.release());  // the client's now
  made->events_.reset(rd_kafka_queue_get_main(made->client_));
  return made;
}

Client::~Client() {
  events_.reset();
  if (client_ != nullptr) {
    rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

void Client::serve(std::chrono::milliseconds wait) {
  rd_kafka_poll(client_, static_cast<int>(wait.count()));
}

void Client::wake() {
  rd_kafka_queue_yield(events_.get());
}

base::Error Client::error(rd_kafka_resp_err_t error, std::string_view what,
                          std::string_view reason) const {
  return to_error(error, what, reason, user_);
}

base::Error Client::error(rd_kafka_resp_err_t error, std::string_view what) const {
  return this->error(error, what, rd_kafka_err2str(error));
}

std::optional<base::Error> Client::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Client::forget_trouble() {
  const std::lock_guard lock(mutex_);
  trouble_.reset();
}

std::optional<base::Error> Client::fatal() const {
  std::array<char, kErrorTextSize> text{};
  const auto error = rd_kafka_fatal_error(client_, text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return this->error(error, name_, text.data());
}

// A refused login says more than the lost connection that follows it, which says more than that all
// connections are lost.
void Client::note(rd_kafka_resp_err_t error, const char* reason) {
  base::Error complaint = this->error(error, name_, reason);
  const std::lock_guard lock(mutex_);
  if (trouble_ && trouble_->code == base::ErrorCode::kUnauthenticated) return;
  if (trouble_ && error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  trouble_ = std::move(complaint);
}

void Client::on_log(const rd_kafka_t* client, int level, const char* facility,
                    const char* message) {
  // Said of every producer, whose property it is on purpose.
  if (std::string_view(message).find("enable.gapless.guarantee is experimental") !=
      std::string_view::npos) {
    return;
  }
  const auto* const self = static_cast<const Client*>(rd_kafka_opaque(client));
  base::log(log_level(level), "librdkafka",
            {{"client", self == nullptr ? std::string() : self->name_},
             {"facility", facility},
             {"message", message}});
}

void Client::on_error(rd_kafka_t*, int error, const char* reason, void* opaque) {
  static_cast<Client*>(opaque)->note(static_cast<rd_kafka_resp_err_t>(error), reason);
}

void Client::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  const auto* const self = static_cast<const Client*>(opaque);
  self->on_delivery_(*self, *message);
}

void Client::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<Client*>(opaque)->on_rebalance_(what, *partitions);
}

}  // namespace armada_cache::eventlog::kafka
