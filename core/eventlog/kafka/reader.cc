#include "core/eventlog/kafka/reader.h"

#include <algorithm>

#include "core/eventlog/kafka/errors.h"
#include "core/eventlog/kafka/time_left.h"

namespace armada_cache::eventlog::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongestWait = std::chrono::hours(24);
// The longest sleep within a wait: complaints of the client are heard so often.
constexpr milliseconds kTurn{1'000};
// What a poll may take longer than it was told to wait, for positions that the log has no more.
constexpr milliseconds kLostWait{1'000};

base::Time appended_at(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t millis = rd_kafka_message_timestamp(&message, &type);
  return base::from_unix_micros(std::max<std::int64_t>(millis, 0) * 1000);
}

std::string_view bytes(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

// Appends the message's headers; returns how many there are.
std::size_t add_headers(const rd_kafka_message_t& message, std::vector<HeaderView>& to) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  std::size_t count = 0;
  while (rd_kafka_header_get_all(headers, count, &name, &value, &size) ==
         RD_KAFKA_RESP_ERR_NO_ERROR) {
    to.push_back({name, bytes(value, value == nullptr ? 0 : size)});
    ++count;
  }
  return count;
}

std::string cannot_read(const TopicPartition& at) {
  return "Kafka: cannot read " + name_of(at);
}

}  // namespace

base::Result<std::unique_ptr<Reader>> KafkaReader::make(const KafkaLogOptions& options,
                                                        Cluster& cluster,
                                                        const Positions& positions) {
  auto client = Client::make_consumer("reader", reader_properties(options));
  if (!client) return tl::unexpected(client.error());
  std::unique_ptr<KafkaReader> reader(new KafkaReader(options, cluster, std::move(*client)));
  if (auto started = reader->start(positions); !started) return tl::unexpected(started.error());
  return reader;
}

KafkaReader::KafkaReader(const KafkaLogOptions& options, Cluster& cluster,
                         std::unique_ptr<Client> client)
    : options_(options),
      cluster_(cluster),
      client_(std::move(client)),
      queue_(rd_kafka_queue_new(client_->get())) {}

KafkaReader::~KafkaReader() {
  for (auto& [name, topic] : topics_) {
    for (const auto& [partition, source] : topic.sources) {
      rd_kafka_consume_stop(topic.handle.get(), partition);
    }
  }
  release();
  error_.reset();
}

base::Status KafkaReader::start(const Positions& positions) {
  for (const auto& [at, position] : positions) {
    Topic& topic = topics_[at.topic];
    if (!topic.handle) {
      topic.name = at.topic;
      rd_kafka_topic_conf_t* const conf = rd_kafka_default_topic_conf_dup(client_->get());
      rd_kafka_topic_conf_set_opaque(conf, &topic);
      topic.handle.reset(rd_kafka_topic_new(client_->get(), at.topic.c_str(), conf));
    }
    if (!topic.handle) {
      return tl::unexpected(client_->error(rd_kafka_last_error(), cannot_read(at)));
    }
    topic.sources[at.partition].position = position;
    if (auto started = start(topic, at.partition); !started) return started;
  }
  return {};
}

base::Status KafkaReader::start(Topic& topic, Partition partition) {
  const Offset position = topic.sources.at(partition).position;
  if (rd_kafka_consume_start_queue(topic.handle.get(), partition, position, queue_.get()) == 0) {
    return {};
  }
  return tl::unexpected(
      client_->error(rd_kafka_last_error(), cannot_read({topic.name, partition})));
}

base::Result<std::span<const RecordView>> KafkaReader::poll(std::size_t max_records,
                                                            milliseconds wait) {
  release();
  client_->serve(milliseconds(0));
  if (error_) {
    const base::Error error = *std::exchange(error_, std::nullopt);
    return tl::unexpected(error);
  }
  if (auto found = find_lost(); !found) return tl::unexpected(found.error());
  const auto deadline = steady_clock::now() + std::clamp(wait, milliseconds(0), kLongestWait);
  const std::size_t limit = std::clamp<std::size_t>(max_records, 1, options_.max_poll_records);
  bool may_wait = !interrupted_.exchange(false);
  fetch(limit);
  while (records_.empty() && !error_ && !any_lost_ && may_wait) {
    const auto left = time_left(deadline);
    if (left <= milliseconds(0)) break;
    fetch_one(std::min(left, kTurn));
    if (!records_.empty() && records_.size() < limit) fetch(limit - records_.size());
    may_wait = !interrupted_.exchange(false);
  }
  point_headers();
  return std::span<const RecordView>(records_);
}

Offset KafkaReader::position(const TopicPartition& of) const {
  const auto topic = topics_.find(of.topic);
  if (topic == topics_.end()) return 0;
  const auto source = topic->second.sources.find(of.partition);
  return source == topic->second.sources.end() ? 0 : source->second.position;
}

void KafkaReader::interrupt() {
  interrupted_ = true;
  rd_kafka_queue_yield(queue_.get());
}

void KafkaReader::release() {
  records_.clear();
  headers_.clear();
  header_counts_.clear();
  messages_.clear();
}

// What is there already.
void KafkaReader::fetch(std::size_t max_records) {
  fetched_.resize(max_records);
  const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, fetched_.data(), max_records);
  for (ssize_t i = 0; i < count; ++i) take(MessageHandle(fetched_[static_cast<std::size_t>(i)]));
}

void KafkaReader::fetch_one(milliseconds wait) {
  MessageHandle message(rd_kafka_consume_queue(queue_.get(), static_cast<int>(wait.count())));
  if (message) take(std::move(message));
}

void KafkaReader::take(MessageHandle message) {
  if (message->rkt == nullptr) return;  // of no partition: the log of the client has it
  auto& topic = *static_cast<Topic*>(rd_kafka_topic_opaque(message->rkt));
  const auto source = topic.sources.find(message->partition);
  if (source == topic.sources.end()) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_error(*message, topic, source->second);
  } else {
    take_record(std::move(message), topic, source->second);
  }
}

void KafkaReader::take_record(MessageHandle message, Topic& topic, Source& source) {
  source.position = message->offset + 1;
  RecordView& view = records_.emplace_back();
  view.topic = topic.name;
  view.partition = message->partition;
  view.offset = message->offset;
  view.appended_at = appended_at(*message);
  view.key = bytes(message->key, message->key_len);
  if (message->payload != nullptr) view.value = bytes(message->payload, message->len);
  header_counts_.push_back(add_headers(*message, headers_));
  messages_.push_back(std::move(message));
}

void KafkaReader::take_error(const rd_kafka_message_t& message, Topic& topic, Source& source) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      source.position = std::max<Offset>(source.position, message.offset);
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      source.lost = true;
      any_lost_ = true;
      return;
    default:
      break;
  }
  std::string what = cannot_read({topic.name, message.partition});
  if (code_of(message.err) == base::ErrorCode::kPermissionDenied) what += " (right Read)";
  base::Error error = client_->error(message.err, what, rd_kafka_message_errstr(&message));
  if (!error_ && error.code != base::ErrorCode::kUnavailable) error_ = std::move(error);
}

// Only now: the vector of headers grows no more.
void KafkaReader::point_headers() {
  std::size_t at = 0;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    records_[i].headers = std::span(headers_).subspan(at, header_counts_[i]);
    at += header_counts_[i];
  }
}

base::Status KafkaReader::find_lost() {
  if (!any_lost_) return {};
  const auto deadline = steady_clock::now() + kLostWait;
  for (auto& [name, topic] : topics_) {
    for (auto& [partition, source] : topic.sources) {
      if (!source.lost) continue;
      if (auto found = find_lost(topic, partition, source, deadline); !found) return found;
    }
  }
  any_lost_ = false;
  return {};
}

// Below the start: skips to it. Beyond the end: what was read is not what is there now.
base::Status KafkaReader::find_lost(Topic& topic, Partition partition, Source& source,
                                    steady_clock::time_point deadline) {
  const TopicPartition at{topic.name, partition};
  const auto start_offset = cluster_.start_offset(at, time_left(deadline));
  if (!start_offset) return tl::unexpected(start_offset.error());
  const auto end = cluster_.end_offset(at, time_left(deadline));
  if (!end) return tl::unexpected(end.error());
  if (source.position > *end) {
    return base::fail(base::ErrorCode::kDataLoss,
                      cannot_read({topic.name, partition}) + ": offset " +
                          std::to_string(source.position) + " lies beyond its end, " +
                          std::to_string(*end) +
                          ": the topic was made anew or has lost records; what was read of it "
                          "must be read anew, from its start");
  }
  source.position = std::max(source.position, *start_offset);
  rd_kafka_consume_stop(topic.handle.get(), partition);
  if (auto started = start(topic, partition); !started) return started;
  source.lost = false;
  return {};
}

}  // namespace armada_cache::eventlog::kafka
