#include "tests/support/kafka_admin.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <functional>
#include <stdexcept>

namespace armada_cache::test_support {
namespace {

constexpr int kTimeoutMs = 20'000;
constexpr int kMomentMs = 500;
constexpr std::size_t kErrorTextSize = 512;

template <typename Handle, void (*destroy)(Handle*)>
struct Destroy {
  void operator()(Handle* handle) const { destroy(handle); }
};
template <typename Handle, void (*destroy)(Handle*)>
using Owned = std::unique_ptr<Handle, Destroy<Handle, destroy>>;

using Client = Owned<rd_kafka_t, rd_kafka_destroy>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw std::runtime_error("Kafka: cannot " + what + ": " + why);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, kErrorTextSize> text{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK) {
    refuse("configure", text.data());
  }
}

Client make_client(const std::string& servers, const std::string& transactional_id = "") {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", servers);
  set(conf, "reconnect.backoff.ms", "50");
  set(conf, "reconnect.backoff.max.ms", "250");
  if (!transactional_id.empty()) set(conf, "transactional.id", transactional_id);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  std::array<char, kErrorTextSize> text{};
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size()));
  if (!client) refuse("make a client", text.data());
  return client;
}

void check_transaction(const std::string& topic, rd_kafka_error_t* error) {
  const Owned<rd_kafka_error_t, rd_kafka_error_destroy> owned(error);
  if (owned) refuse("a transaction on topic " + topic, rd_kafka_error_string(owned.get()));
}

// With one record that the broker has.
Client begin_transaction(const std::string& servers, const std::string& topic,
                         std::int32_t partition) {
  Client client = make_client(servers, "test-of-" + topic);
  check_transaction(topic, rd_kafka_init_transactions(client.get(), kTimeoutMs));
  check_transaction(topic, rd_kafka_begin_transaction(client.get()));
  auto produced = rd_kafka_producev(
      client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_KEY("transaction", 11), RD_KAFKA_V_VALUE(nullptr, 0), RD_KAFKA_V_END);
  if (produced == RD_KAFKA_RESP_ERR_NO_ERROR) produced = rd_kafka_flush(client.get(), kTimeoutMs);
  if (produced != RD_KAFKA_RESP_ERR_NO_ERROR) {
    refuse("a transaction on topic " + topic, rd_kafka_err2str(produced));
  }
  return client;
}

rd_kafka_AclOperation_t native(KafkaAdmin::Operation operation) {
  switch (operation) {
    case KafkaAdmin::Operation::kRead:
      return RD_KAFKA_ACL_OPERATION_READ;
    case KafkaAdmin::Operation::kWrite:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case KafkaAdmin::Operation::kCreate:
      return RD_KAFKA_ACL_OPERATION_CREATE;
    case KafkaAdmin::Operation::kDescribe:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE;
    case KafkaAdmin::Operation::kDescribeConfigs:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS;
    case KafkaAdmin::Operation::kAll:
      break;
  }
  return RD_KAFKA_ACL_OPERATION_ALL;
}

}  // namespace

class KafkaAdmin::Impl {
 public:
  explicit Impl(const std::string& servers)
      : client_(make_client(servers)), queue_(rd_kafka_queue_new(client_.get())) {}

  rd_kafka_t* client() const { return client_.get(); }

  // Runs one admin request and returns its result, which is no error as a whole.
  Event run(const std::string& what, rd_kafka_admin_op_t operation,
            const std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& request) {
    const Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy> options(
        rd_kafka_AdminOptions_new(client(), operation));
    std::array<char, kErrorTextSize> text{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), kTimeoutMs, text.data(), text.size());
    request(options.get(), queue_.get());
    Event event(rd_kafka_queue_poll(queue_.get(), kTimeoutMs * 2));
    if (!event) refuse(what, "no answer");
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      refuse(what, rd_kafka_event_error_string(event.get()));
    }
    return event;
  }

 private:
  Client client_;
  Queue queue_;
};

KafkaAdmin::KafkaAdmin(const std::string& servers)
    : servers_(servers), impl_(std::make_unique<Impl>(servers)) {}
KafkaAdmin::~KafkaAdmin() = default;

std::size_t KafkaAdmin::brokers_that_answer() const {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(impl_->client(), 0, nullptr, &metadata, kMomentMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return 0;
  }
  const auto count = static_cast<std::size_t>(metadata->broker_cnt);
  rd_kafka_metadata_destroy(metadata);
  return count;
}

void KafkaAdmin::create_topic(const std::string& name, int partitions, int copies,
                              const std::map<std::string, std::string>& settings) const {
  std::array<char, kErrorTextSize> text{};
  const Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, copies, text.data(), text.size()));
  if (!topic) refuse("create topic " + name, text.data());
  for (const auto& [key, value] : settings) {
    rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  }
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  const Event done =
      impl_->run("create topic " + name, RD_KAFKA_ADMIN_OP_CREATETOPICS,
                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                   rd_kafka_CreateTopics(impl_->client(), topics, 1, options, queue);
                 });
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(done.get()), &count);
  if (count != 1 || rd_kafka_topic_result_error(results[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    refuse("create topic " + name, rd_kafka_topic_result_error_string(results[0]));
  }
}

std::vector<std::size_t> KafkaAdmin::leaders(const std::string& topic) const {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto asked = rd_kafka_metadata(impl_->client(), 1, nullptr, &raw, kTimeoutMs);
  const Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy> metadata(raw);
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) refuse("topic " + topic, rd_kafka_err2str(asked));
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& found = metadata->topics[i];
    if (found.topic != topic) continue;
    std::vector<std::size_t> leaders(static_cast<std::size_t>(found.partition_cnt));
    for (std::size_t at = 0; at < leaders.size(); ++at) {
      const std::int32_t leader = found.partitions[at].leader;
      if (leader < 1) refuse("topic " + topic, "a partition has no leader");
      leaders[at] = static_cast<std::size_t>(leader - 1);
    }
    return leaders;
  }
  refuse("topic " + topic, "there is none");
}

void KafkaAdmin::trim(const std::string& topic, std::int32_t partition, std::int64_t before) const {
  const Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy> list(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = before;
  const Owned<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> deletion(
      rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* deletions[] = {deletion.get()};
  const Event done =
      impl_->run("trim topic " + topic, RD_KAFKA_ADMIN_OP_DELETERECORDS,
                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                   rd_kafka_DeleteRecords(impl_->client(), deletions, 1, options, queue);
                 });
  const auto* results =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(done.get()));
  const auto error = results->elems[0].err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) refuse("trim topic " + topic, rd_kafka_err2str(error));
}

std::shared_ptr<void> KafkaAdmin::open_transaction(const std::string& topic,
                                                   std::int32_t partition) const {
  return std::make_shared<Client>(begin_transaction(servers_, topic, partition));
}

void KafkaAdmin::append_transaction(const std::string& topic, std::int32_t partition) const {
  const Client client = begin_transaction(servers_, topic, partition);
  check_transaction(topic, rd_kafka_commit_transaction(client.get(), kTimeoutMs));
}

void KafkaAdmin::allow(const std::string& user, Operation operation,
                       const std::string& topic) const {
  allow(user, operation, RD_KAFKA_RESOURCE_TOPIC, topic);
}

void KafkaAdmin::allow_on_group(const std::string& user, Operation operation,
                                const std::string& group) const {
  allow(user, operation, RD_KAFKA_RESOURCE_GROUP, group);
}

void KafkaAdmin::allow(const std::string& user, Operation operation, int on,
                       const std::string& name) const {
  const std::string what = "allow " + user + " on " + name;
  const std::string principal = "User:" + user;
  std::array<char, kErrorTextSize> text{};
  const Owned<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy> rule(rd_kafka_AclBinding_new(
      static_cast<rd_kafka_ResourceType_t>(on), name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
      principal.c_str(), "*", native(operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text.data(),
      text.size()));
  if (!rule) refuse(what, text.data());
  rd_kafka_AclBinding_t* rules[] = {rule.get()};
  const Event done =
      impl_->run(what, RD_KAFKA_ADMIN_OP_CREATEACLS,
                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                   rd_kafka_CreateAcls(impl_->client(), rules, 1, options, queue);
                 });
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(done.get()), &count);
  if (count == 1 && rd_kafka_acl_result_error(results[0]) == nullptr) return;
  refuse(what, rd_kafka_error_string(rd_kafka_acl_result_error(results[0])));
}

}  // namespace armada_cache::test_support
