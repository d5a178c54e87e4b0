#include "core/eventlog/kafka/producer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/log.h"
#include "core/eventlog/kafka/errors.h"

namespace armada_cache::eventlog::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTurn{50};
// For librdkafka to report what was purged; what it does not report is given up all the same.
constexpr milliseconds kPurge{2'000};
// What librdkafka keeps of each record besides its bytes, roughly.
constexpr std::size_t kRecordOverhead = 200;

std::string not_stored(const TopicPartition& at, base::ErrorCode why) {
  const bool denied = why == base::ErrorCode::kPermissionDenied;
  return "Kafka has not stored an append to " + name_of(at) + (denied ? " (right Write)" : "");
}

bool is_purge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

rd_kafka_headers_t* headers_of(const Record& record) {
  if (record.headers.empty()) return nullptr;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

rd_kafka_vu_t memory(rd_kafka_vtype_t type, const std::string& bytes) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  // Copied, not written: the interface knows no const.
  argument.u.mem.ptr = const_cast<char*>(bytes.data());
  argument.u.mem.size = bytes.size();
  return argument;
}

// The record's bytes are copied. Null: it is under way.
ErrorHandle produce(rd_kafka_t* client, rd_kafka_topic_t* topic, Partition partition,
                    const Record& record, Delivery& delivery) {
  std::array<rd_kafka_vu_t, 7> arguments{};
  std::size_t count = 0;
  auto& topic_argument = arguments[count++];
  topic_argument.vtype = RD_KAFKA_VTYPE_RKT;
  topic_argument.u.rkt = topic;
  auto& partition_argument = arguments[count++];
  partition_argument.vtype = RD_KAFKA_VTYPE_PARTITION;
  partition_argument.u.i32 = partition;
  auto& flags_argument = arguments[count++];
  flags_argument.vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  flags_argument.u.i = RD_KAFKA_MSG_F_COPY;
  auto& opaque_argument = arguments[count++];
  opaque_argument.vtype = RD_KAFKA_VTYPE_OPAQUE;
  opaque_argument.u.ptr = &delivery;
  arguments[count++] = memory(RD_KAFKA_VTYPE_KEY, record.key);
  if (record.value) arguments[count++] = memory(RD_KAFKA_VTYPE_VALUE, *record.value);
  rd_kafka_headers_t* headers = headers_of(record);
  if (headers != nullptr) {
    auto& headers_argument = arguments[count++];
    headers_argument.vtype = RD_KAFKA_VTYPE_HEADERS;
    headers_argument.u.headers = headers;
  }
  ErrorHandle error(rd_kafka_produceva(client, arguments.data(), count));
  if (error && headers != nullptr) rd_kafka_headers_destroy(headers);
  return error;
}

std::size_t bytes_of(const std::vector<Record>& batch) {
  std::size_t bytes = 0;
  for (const Record& record : batch) bytes += record.bytes() + kRecordOverhead;
  return bytes;
}

}  // namespace

base::Status Producer::check(const KafkaLogOptions& options) {
  auto properties = producer_properties(options);
  properties.erase("bootstrap.servers");
  properties["log_level"] = "0";  // of there being none
  auto made = Client::make_producer("producer", properties, &Producer::on_delivery);
  if (!made) return tl::unexpected(made.error());
  return {};
}

Producer::Producer(const KafkaLogOptions& options, Cluster& cluster)
    : options_(options),
      cluster_(cluster),
      backoff_(options.rebuild_backoff),
      thread_([this] { run(); }) {}

Producer::~Producer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (client_) client_->wake();
  }
  thread_.join();
  topics_.clear();
}

base::Status Producer::writable() {
  const std::lock_guard lock(mutex_);
  if (failed_) return tl::unexpected(*failed_);
  const auto now = steady_clock::now();
  if (now < in_doubt_until_) return tl::unexpected(doubt_);
  for (const auto& [at, line] : lines_) {
    if (line.empty() || now - line.front()->since < options_.request_timeout) continue;
    return base::fail(base::ErrorCode::kUnavailable,
                      not_stored(at, base::ErrorCode::kUnavailable) + " yet that waits for " +
                          std::to_string(options_.request_timeout.count()) + " ms and more");
  }
  return {};
}

void Producer::append(const TopicPartition& to, const std::vector<Record>& batch,
                      Appender::Acknowledged done, std::shared_ptr<Outstanding> owner) {
  const std::size_t bytes = bytes_of(batch);
  std::unique_lock lock(mutex_);
  if (auto refused = refusal(to, batch, bytes)) {
    lock.unlock();
    return done(tl::unexpected(std::move(*refused)));
  }
  owner->begin();
  auto& line = lines_[to];
  Delivery& delivery = *line.emplace_back(std::make_unique<Delivery>());
  delivery.done = std::move(done);
  delivery.owner = std::move(owner);
  delivery.bytes = bytes;
  delivery.since = steady_clock::now();
  queued_bytes_ += bytes;
  if (!client_ && !failed_) make_client();
  if (failed_) {
    delivery.given_up = true;
  } else {
    enqueue(to, batch, delivery);
  }
  if (!failed_) return;
  changed_.notify_all();
  if (client_) client_->wake();
}

std::optional<base::Error> Producer::refusal(const TopicPartition& to,
                                             const std::vector<Record>& batch,
                                             std::size_t bytes) const {
  if (batch.empty()) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       "an append to topic " + to.topic + " holds no record"};
  }
  const auto largest = std::ranges::max_element(batch, {}, &Record::bytes)->bytes();
  if (largest > options_.max_record_bytes) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       "a record of " + std::to_string(largest) + " bytes for topic " + to.topic +
                           " is larger than the " + std::to_string(options_.max_record_bytes) +
                           " that are taken"};
  }
  if (queued_bytes_ + bytes > options_.max_queued_bytes && queued_bytes_ > 0) {
    return base::Error{base::ErrorCode::kResourceExhausted,
                       "appends of " + std::to_string(queued_bytes_) +
                           " bytes wait for Kafka to acknowledge them: try again later"};
  }
  return std::nullopt;
}

void Producer::make_client() {
  auto made =
      Client::make_producer("producer", producer_properties(options_), &Producer::on_delivery);
  if (made) {
    client_ = std::move(*made);
  } else {
    failed_ = base::Error{base::ErrorCode::kUnavailable, made.error().message};
  }
  changed_.notify_all();
}

void Producer::enqueue(const TopicPartition& to, const std::vector<Record>& batch,
                       Delivery& delivery) {
  rd_kafka_topic_t* const handle = topic(to.topic);
  delivery.missing = batch.size();
  std::size_t under_way = 0;
  for (; under_way < batch.size(); ++under_way) {
    const auto error = produce(client_->get(), handle, to.partition, batch[under_way], delivery);
    if (!error) continue;
    failed_ =
        client_->error(rd_kafka_error_code(error.get()), "Kafka takes nothing for " + name_of(to),
                       rd_kafka_error_string(error.get()));
    failed_->code = base::ErrorCode::kUnavailable;
    delivery.cut_short = true;
    break;
  }
  delivery.missing -= batch.size() - under_way;
}

rd_kafka_topic_t* Producer::topic(const std::string& name) {
  TopicHandle& handle = topics_[name];
  if (!handle) handle.reset(rd_kafka_topic_new(client_->get(), name.c_str(), nullptr));
  return handle.get();
}

void Producer::on_delivery(const Client& client, const rd_kafka_message_t& message) {
  auto& delivery = *static_cast<Delivery*>(message._private);
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    delivery.last = std::max<Offset>(delivery.last, message.offset);
  } else if (is_purge(message.err)) {
    delivery.given_up = true;
  } else if (!delivery.error) {
    const TopicPartition at{rd_kafka_topic_name(message.rkt), message.partition};
    delivery.error = client.error(message.err, not_stored(at, code_of(message.err)));
    delivery.error->code = base::ErrorCode::kUnavailable;
  }
  --delivery.missing;
}

void Producer::run() {
  while (!is_stopping()) {
    serve();
    cluster_.serve();
    if (const auto cause = failure()) {
      abandon(*cause);
      rebuild();
    } else {
      settle();
    }
  }
  const std::lock_guard lock(mutex_);
  topics_.clear();
  client_.reset();
}

void Producer::serve() {
  std::unique_lock lock(mutex_);
  if (!client_) {
    changed_.wait_for(lock, kTurn);
    return;
  }
  lock.unlock();  // nobody but this thread throws it away
  client_->serve(kTurn);
}

bool Producer::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// What makes this producer useless, if anything does.
std::optional<base::Error> Producer::failure() {
  const std::lock_guard lock(mutex_);
  if (failed_) return failed_;
  for (const auto& [at, line] : lines_) {
    if (!line.empty() && line.front()->error) return line.front()->error;
  }
  if (!client_) return std::nullopt;
  if (auto fatal = client_->fatal()) return blame(*std::move(fatal));
  return overdue();
}

// With the first append that waits for what is not to be had.
base::Error Producer::blame(base::Error fatal) const {
  const auto waits =
      std::ranges::find_if(lines_, [](const auto& line) { return !line.second.empty(); });
  if (waits != lines_.end()) {
    fatal.message = not_stored(waits->first, fatal.code) + ": " + fatal.message;
  }
  return fatal;
}

std::optional<base::Error> Producer::overdue() const {
  const auto latest = steady_clock::now() - options_.delivery_timeout;
  for (const auto& [at, line] : lines_) {
    if (line.empty() || line.front()->missing == 0 || line.front()->since > latest) continue;
    const auto trouble = client_->trouble();
    return base::Error{base::ErrorCode::kUnavailable,
                       not_stored(at, base::ErrorCode::kUnavailable) + " within " +
                           std::to_string(options_.delivery_timeout.count()) + " ms" +
                           (trouble ? "; " + trouble->message : "")};
  }
  return std::nullopt;
}

// Tells the outcome of what is complete. What failed is told when its producer is gone.
void Producer::settle() {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [at, line] : lines_) {
      while (!line.empty() && (line.front()->is_stored() || (!client_ && line.front()->error))) {
        queued_bytes_ -= line.front()->bytes;
        ready.push_back(std::move(line.front()));
        line.pop_front();
      }
    }
    if (!ready.empty() && client_) backoff_ = options_.rebuild_backoff;
  }
  for (const auto& delivery : ready) {
    if (delivery->error) {
      delivery->done(tl::unexpected(*delivery->error));
    } else {
      delivery->done(delivery->last);
    }
    delivery->owner->end();
  }
}

// Takes back what can be taken back, then throws the producer away: no report can come any more.
void Producer::abandon(const base::Error& cause) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = base::Error{base::ErrorCode::kUnavailable, cause.message};
  }
  if (client_) take_back();
  std::unique_ptr<Client> gone;
  {
    const std::lock_guard lock(mutex_);
    if (auto refused = refused_append()) failed_ = std::move(refused);
    base::log_warn("appends to Kafka failed; going on with a new producer",
                   {{"error", failed_->message}});
    topics_.clear();
    gone = std::move(client_);
  }
}

void Producer::take_back() {
  rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const auto deadline = steady_clock::now() + kPurge;
  while (rd_kafka_outq_len(client_->get()) > 0 && steady_clock::now() < deadline) {
    client_->serve(kTurn);
  }
}

// It may be told after the end of the producer that comes of it, and says more.
std::optional<base::Error> Producer::refused_append() const {
  for (const auto& [at, line] : lines_) {
    for (const auto& delivery : line) {
      if (delivery->error) return delivery->error;
    }
  }
  return std::nullopt;
}

// Everything that was under way, and what came meanwhile, fails before anything is taken again.
void Producer::rebuild() {
  const auto not_before = steady_clock::now() + backoff_;
  backoff_ = std::min(backoff_ * 2, options_.max_rebuild_backoff);
  while (true) {
    fail_lines();
    settle();
    std::unique_lock lock(mutex_);
    if (!std::ranges::all_of(lines_, [](auto& line) { return line.second.empty(); })) continue;
    if (stopping_) return;
    if (steady_clock::now() < not_before) {
      changed_.wait_until(lock, not_before);
      continue;
    }
    doubt_ = *std::exchange(failed_, std::nullopt);
    make_client();
    if (client_) {
      in_doubt_until_ = steady_clock::now() + options_.doubt;
      return;
    }
    changed_.wait_for(lock, options_.max_rebuild_backoff);
  }
}

void Producer::fail_lines() {
  const std::lock_guard lock(mutex_);
  for (auto& [at, line] : lines_) {
    for (auto& delivery : line) {
      if (!delivery->is_stored() && !delivery->error) delivery->error = *failed_;
    }
  }
}

}  // namespace armada_cache::eventlog::kafka
