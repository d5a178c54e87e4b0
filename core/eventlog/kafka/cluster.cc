#include "core/eventlog/kafka/cluster.h"

#include <algorithm>
#include <array>
#include <thread>

#include "core/eventlog/kafka/errors.h"
#include "core/eventlog/kafka/time_left.h"

namespace armada_cache::eventlog::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kErrorTextSize = 512;
// A question is asked in turns of this length, so that a refused login ends it early.
constexpr milliseconds kTurn{1000};
constexpr milliseconds kPause{20};
// One broker that does not answer holds up what is asked of the others for so long.
constexpr milliseconds kTurnOfMany{500};
constexpr milliseconds kTurnOfOne{100};

using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using ConfigResource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

// Empty while a partition has no leader yet.
std::optional<TopicDescription> describe_partitions(const rd_kafka_metadata_topic& topic) {
  TopicDescription description;
  description.partitions = topic.partition_cnt;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& partition = topic.partitions[i];
    if (partition.leader < 0) return std::nullopt;
    if (i == 0 || partition.replica_cnt < description.copies) {
      description.copies = partition.replica_cnt;
    }
  }
  return description;
}

std::map<std::string, std::string> entries_of(const rd_kafka_ConfigResource_t* resource) {
  std::size_t count = 0;
  const auto* const* entries = rd_kafka_ConfigResource_configs(resource, &count);
  std::map<std::string, std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) all[rd_kafka_ConfigEntry_name(entries[i])] = value;
  }
  return all;
}

std::string offset_question(const TopicPartition& of, const char* name) {
  return "Kafka: cannot tell the " + std::string(name) + " of " + name_of(of);
}

}  // namespace

template <typename Answer>
base::Result<Answer> Cluster::ask(const std::string& what, const Ask<Answer>& question,
                                  milliseconds timeout) {
  client_->forget_trouble();
  const auto deadline = steady_clock::now() + timeout;
  while (true) {
    const milliseconds turn = std::clamp(time_left(deadline), milliseconds(1), kTurn);
    if (auto answer = question(static_cast<int>(turn.count()))) return std::move(*answer);
    serve();
    const auto trouble = client_->trouble();
    if (trouble && trouble->code == base::ErrorCode::kUnauthenticated) {
      return tl::unexpected(base::Error{trouble->code, what + ": " + trouble->message});
    }
    if (time_left(deadline) <= milliseconds(0)) {
      return base::fail(base::ErrorCode::kUnavailable,
                        what + ": no answer of " + brokers_ + " within " +
                            std::to_string(timeout.count()) + " ms" +
                            (trouble ? "; " + trouble->message : ""));
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::optional<base::Result<std::optional<TopicDescription>>> Cluster::look_at(
    const std::string& what, rd_kafka_topic_t* topic, int wait_ms) {
  using Answer = std::optional<TopicDescription>;
  const rd_kafka_metadata_t* raw = nullptr;
  const auto asked = rd_kafka_metadata(client_->get(), 0, topic, &raw, wait_ms);
  const Metadata metadata(raw);
  if (is_passing(asked)) return std::nullopt;
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(client_->error(asked, what));
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (code_of(found.err) == base::ErrorCode::kNotFound) return Answer();
  if (is_passing(found.err)) return std::nullopt;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected(client_->error(found.err, what));
  auto description = describe_partitions(found);
  if (!description) return std::nullopt;
  return Answer(std::move(description));
}

base::Result<std::optional<TopicDescription>> Cluster::describe(const std::string& topic) {
  const std::string what = "Kafka: cannot describe topic " + topic;
  const TopicHandle handle(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr));
  if (!handle) return tl::unexpected(client_->error(rd_kafka_last_error(), what));
  return ask<std::optional<TopicDescription>>(
      what, [&](int wait_ms) { return look_at(what, handle.get(), wait_ms); });
}

base::Result<TopicDescription> Cluster::wait_for(const std::string& topic) {
  const std::string what = "Kafka: topic " + topic + " was created and is not there";
  const TopicHandle handle(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr));
  if (!handle) return tl::unexpected(client_->error(rd_kafka_last_error(), what));
  return ask<TopicDescription>(what,
                               [&](int wait_ms) -> std::optional<base::Result<TopicDescription>> {
                                 const auto seen = look_at(what, handle.get(), wait_ms);
                                 if (!seen) return std::nullopt;
                                 if (!*seen) return tl::unexpected(seen->error());
                                 if (!**seen) return std::nullopt;
                                 return ***seen;
                               });
}

EventHandle Cluster::request(rd_kafka_admin_op_t operation, int wait_ms, const AdminRequest& send) {
  const AdminOptions options(rd_kafka_AdminOptions_new(client_->get(), operation));
  std::array<char, kErrorTextSize> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), wait_ms, text.data(), text.size());
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  send(options.get(), queue.get());
  EventHandle event(rd_kafka_queue_poll(queue.get(), wait_ms));
  if (event && is_passing(rd_kafka_event_error(event.get()))) return {};
  return event;
}

base::Result<std::map<std::string, std::string>> Cluster::settings(const std::string& topic) {
  using Answer = std::map<std::string, std::string>;
  const std::string what =
      "Kafka: cannot read the settings of topic " + topic + " (right DescribeConfigs)";
  const ConfigResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  const AdminRequest send = [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_DescribeConfigs(client_->get(), resources, 1, options, queue);
  };
  return ask<Answer>(what, [&](int wait_ms) -> std::optional<base::Result<Answer>> {
    const EventHandle event = request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait_ms, send);
    if (!event) return std::nullopt;
    auto error = rd_kafka_event_error(event.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(client_->error(error, what));
    std::size_t count = 0;
    const auto* const* found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    error = rd_kafka_ConfigResource_error(found[0]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return entries_of(found[0]);
    // A broker may not know yet what another one has just created.
    if (is_passing(error) || code_of(error) == base::ErrorCode::kNotFound) return std::nullopt;
    return tl::unexpected(client_->error(error, what));
  });
}

base::Status Cluster::create(const std::string& topic, const TopicDescription& as) {
  const std::string what = "Kafka: cannot create topic " + topic;
  std::array<char, kErrorTextSize> text{};
  const NewTopic wanted(
      rd_kafka_NewTopic_new(topic.c_str(), as.partitions, as.copies, text.data(), text.size()));
  if (!wanted) return base::fail(base::ErrorCode::kInvalidArgument, what + ": " + text.data());
  for (const auto& [name, value] : as.settings) {
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  }
  rd_kafka_NewTopic_t* topics[] = {wanted.get()};
  const AdminRequest send = [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(client_->get(), topics, 1, options, queue);
  };
  return ask<void>(what, [&](int wait_ms) -> std::optional<base::Status> {
    const EventHandle event = request(RD_KAFKA_ADMIN_OP_CREATETOPICS, wait_ms, send);
    if (!event) return std::nullopt;
    auto error = rd_kafka_event_error(event.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(client_->error(error, what));
    std::size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    error = rd_kafka_topic_result_error(results[0]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return base::Status();
    if (is_passing(error)) return std::nullopt;
    const char* reason = rd_kafka_topic_result_error_string(results[0]);
    return tl::unexpected(client_->error(error, what, reason == nullptr ? "" : reason));
  });
}

base::Result<Offset> Cluster::start_offset(const TopicPartition& of, milliseconds wait) {
  return offset(of, RD_KAFKA_OFFSET_BEGINNING, "start", wait);
}

base::Result<Offset> Cluster::end_offset(const TopicPartition& of, milliseconds wait) {
  return offset(of, RD_KAFKA_OFFSET_END, "end", wait);
}

base::Result<Offset> Cluster::offset(const TopicPartition& of, Offset which, const char* name,
                                     milliseconds wait) {
  const std::string what = offset_question(of, name);
  const Ask<Offset> question = [&](int wait_ms) -> std::optional<base::Result<Offset>> {
    const PartitionList list(rd_kafka_topic_partition_list_new(1));
    auto* const element =
        rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), of.partition);
    element->offset = which;
    auto error = rd_kafka_offsets_for_times(client_->get(), list.get(), wait_ms);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = element->err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return element->offset;
    if (is_passing(error)) return std::nullopt;
    return tl::unexpected(client_->error(error, what));
  };
  return ask<Offset>(what, question, wait);
}

Cluster::Ends Cluster::look_for_ends(const std::set<TopicPartition>& of) {
  Ends found;
  if (of.empty()) return found;
  if (look_for_ends(of, kTurnOfMany, found)) {
    client_->forget_trouble();
    return found;
  }
  for (const TopicPartition& each : of) look_for_ends({each}, kTurnOfOne, found);
  if (found.size() == of.size()) return found;
  const auto trouble = client_->trouble();
  if (!trouble || trouble->code != base::ErrorCode::kUnauthenticated) return found;
  for (const TopicPartition& each : of) found.try_emplace(each, tl::unexpected(*trouble));
  return found;
}

// librdkafka keeps no answer of a list of which one could not be answered.
bool Cluster::look_for_ends(const std::set<TopicPartition>& of, milliseconds wait, Ends& found) {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(of.size())));
  for (const TopicPartition& each : of) {
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition)->offset =
        RD_KAFKA_OFFSET_END;
  }
  const auto asked =
      rd_kafka_offsets_for_times(client_->get(), list.get(), static_cast<int>(wait.count()));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR && (of.size() > 1 || is_passing(asked))) return false;
  bool all = true;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& each = list->elems[i];
    const auto error = asked == RD_KAFKA_RESP_ERR_NO_ERROR ? each.err : asked;
    TopicPartition at{each.topic, each.partition};
    if (is_passing(error)) {
      all = false;
    } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      found.insert_or_assign(at, tl::unexpected(client_->error(error, offset_question(at, "end"))));
    } else {
      found.insert_or_assign(at, each.offset);
    }
  }
  return all;
}

}  // namespace armada_cache::eventlog::kafka
