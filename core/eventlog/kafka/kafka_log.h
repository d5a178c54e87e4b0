// EventLog on Apache Kafka, through librdkafka. docs/adr/0009-kafka-adapter.md tells why it is so;
// schemas/topics.md how topics are set.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::kafka {

// How topics are made, and what is the least of those that are there.
struct TopicDefaults {
  int replication_factor = 3;
  int min_insync_replicas = 2;
  // How to have another number of partitions, for who asks for it over topics that are there: what
  // goes with them. Empty: delete the topic.
  std::string make_anew{};
};

struct KafkaLogOptions {
  std::string brokers;  // "HOST:PORT,..."
  std::string client_id = "armada-cache";
  TopicDefaults topics{};

  // Any property of librdkafka: security.protocol, sasl.password, ssl.ca.location, ... They replace
  // what this adapter chooses; those that its promises rest on are refused. Never logged.
  std::map<std::string, std::string> properties{};

  std::size_t max_record_bytes = 8u << 20;     // key, value and headers; topics are made to take it
  std::size_t max_queued_bytes = 64u << 20;    // appends not yet acknowledged; beyond it they are
                                               // answered with kResourceExhausted
  std::size_t max_prefetch_bytes = 32u << 20;  // of a reader, read ahead of its polls
  std::size_t fetch_partition_bytes = 1u << 20;        // of one partition in one fetch
  std::size_t max_poll_records = 10'000;               // whatever a poll asks for
  std::size_t max_end_questions = 10'000;              // that wait for where partitions end
  std::chrono::milliseconds linger{1};                 // an append waits so long for company
  std::chrono::milliseconds fetch_wait{100};           // a fetch waits so long for a record
  std::chrono::milliseconds answer_timeout{10'000};    // of a question about topics and offsets
  std::chrono::milliseconds request_timeout{10'000};   // of one attempt to store
  std::chrono::milliseconds delivery_timeout{30'000};  // of an append, all attempts together
  std::chrono::milliseconds reconnect_backoff{50};
  std::chrono::milliseconds max_reconnect_backoff{250};
  // Between failures of appends and the next attempt with a new producer, doubling.
  std::chrono::milliseconds rebuild_backoff{100};
  std::chrono::milliseconds max_rebuild_backoff{5'000};
  // After a failure of appends, and once they are taken again, writable() is false for so long. So
  // it is while one waits for longer than request_timeout.
  std::chrono::milliseconds doubt{1'000};
};

// Does not wait for the brokers: what needs them says kUnavailable while they are away.
// kInvalidArgument: a property is unknown, has a value that it cannot have, or is refused; SASL
// SCRAM with a librdkafka older than 2.6.1, which cannot do it.
//
// Beyond what EventLog promises:
// - All appenders of a log share one idempotent producer. When one append fails, every append that
//   is not acknowledged fails too, and none is taken until all of them were told: nothing is ever
//   stored behind a gap. What is stored of what failed is a beginning of it, in order.
// - Every append is settled within delivery_timeout and a moment; ~Appender waits for that.
// - append answers kNotFound for topics that neither ensure_topic nor a reader nor a question for
//   an offset has seen yet; kInvalidArgument for a record beyond max_record_bytes.
// - ensure_topic, reader and start_offset wait for the cluster, for answer_timeout at most:
//   kUnavailable then, kPermissionDenied or kUnauthenticated where the cluster says so. So do the
//   answers to questions for ends, which are told from a thread of the log's: those that come while
//   one is asked are asked together, in one request to each broker.
// - ensure_topic refuses a topic whose retention is shorter than wanted, and changes none.
// - poll answers kDataLoss for a position beyond the end: the topic was made anew, or has lost
//   records. A reader waits in silence while brokers are away.
// - appended_at is the broker's clock, to the millisecond.
base::Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options);

}  // namespace armada_cache::eventlog::kafka
