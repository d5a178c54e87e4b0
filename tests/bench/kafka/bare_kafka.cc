#include "tests/bench/kafka/bare_kafka.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/client_settings.h"
#include "tests/bench/cpu.h"

namespace armada_cache::bench {
namespace {

namespace kafka = eventlog::kafka;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTurn{50};
constexpr int kPatienceMs = 20'000;

kafka::KafkaLogOptions options_for(const std::string& servers) {
  kafka::KafkaLogOptions options;
  options.brokers = servers;
  return options;
}

std::unique_ptr<kafka::Client> checked(base::Result<std::unique_ptr<kafka::Client>> made) {
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

// From its construction on.
class Stopwatch {
 public:
  BareRun stop(std::uint64_t records) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const auto cpu = static_cast<double>((own_cpu_time() - cpu_before_).count());
    const auto count = static_cast<double>(records);
    return {count / seconds, cpu / count};
  }

 private:
  Clock::time_point begin_ = Clock::now();
  std::chrono::microseconds cpu_before_ = own_cpu_time();
};

struct Stored {
  std::atomic<std::uint64_t> records = 0;
  std::atomic<bool> failed = false;
};

void on_delivery(const kafka::Client&, const rd_kafka_message_t& message) {
  auto& stored = *static_cast<Stored*>(message._private);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) stored.failed = true;
  ++stored.records;
}

rd_kafka_headers_t* headers_of(const eventlog::Record& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  return headers;
}

rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const PlacedRecord& placed,
                            Stored& stored) {
  const eventlog::Record& record = placed.record;
  rd_kafka_headers_t* headers = headers_of(record);
  const auto error = rd_kafka_producev(
      client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(placed.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(record.value->data()), record.value->size()),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(&stored), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  return error;
}

// Waits while the queue of the client is full.
void produce_all(kafka::Client& client, rd_kafka_topic_t* topic,
                 const std::vector<PlacedRecord>& records, Stored& stored) {
  for (const PlacedRecord& record : records) {
    auto error = produce(client.get(), topic, record, stored);
    while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      error = produce(client.get(), topic, record, stored);
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    throw std::runtime_error("the bare producer: " + std::string(rd_kafka_err2str(error)));
  }
}

kafka::MessageHandle next_message(rd_kafka_queue_t* queue) {
  const auto until = Clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (Clock::now() < until) {
    kafka::MessageHandle message(rd_kafka_consume_queue(queue, kPatienceMs));
    if (!message || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return message;
    throw std::runtime_error("the bare consumer: " + std::string(rd_kafka_err2str(message->err)));
  }
  throw std::runtime_error("the bare consumer gets no record");
}

}  // namespace

BareRun produce_bare(const std::string& servers, const std::string& topic,
                     const std::vector<PlacedRecord>& records) {
  Stored stored;
  const auto client = checked(kafka::Client::make_producer(
      "bare producer", kafka::producer_properties(options_for(servers)), &on_delivery));
  const kafka::TopicHandle handle(rd_kafka_topic_new(client->get(), topic.c_str(), nullptr));
  std::atomic<bool> all = false;
  const Stopwatch watch;
  std::thread teller([&] {
    while (!all || (stored.records < records.size() && !stored.failed)) client->serve(kTurn);
  });
  produce_all(*client, handle.get(), records, stored);
  all = true;
  teller.join();
  if (stored.failed) throw std::runtime_error("the bare producer could not store all records");
  return watch.stop(records.size());
}

BareRun consume_bare(const std::string& servers, const eventlog::Positions& from,
                     std::uint64_t records) {
  const auto client = checked(kafka::Client::make_consumer(
      "bare consumer", kafka::reader_properties(options_for(servers))));
  const std::string& name = from.begin()->first.topic;
  const kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
  const kafka::QueueHandle queue(rd_kafka_queue_new(client->get()));
  for (const auto& [at, offset] : from) {
    rd_kafka_consume_start_queue(topic.get(), at.partition, offset, queue.get());
  }
  next_message(queue.get());
  const Stopwatch watch;
  for (std::uint64_t i = 1; i < records; ++i) next_message(queue.get());
  const BareRun run = watch.stop(records - 1);
  for (const auto& [at, offset] : from) rd_kafka_consume_stop(topic.get(), at.partition);
  return run;
}

}  // namespace armada_cache::bench
