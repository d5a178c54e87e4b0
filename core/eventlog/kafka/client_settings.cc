#include "core/eventlog/kafka/client_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace armada_cache::eventlog::kafka {
namespace {

constexpr int kScramWorksSince = 0x020601ff;

// What order, durability and bounded memory rest on.
constexpr std::array<std::string_view, 29> kFixed{
    "acks",
    "request.required.acks",
    "enable.idempotence",
    "enable.gapless.guarantee",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "delivery.report.only.error",
    "message.max.bytes",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "retries",
    "message.send.max.retries",
    "transactional.id",
    "auto.offset.reset",
    "enable.partition.eof",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "allow.auto.create.topics",
    "isolation.level",
    "group.id",
    "group.instance.id",
    "group.protocol.type",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "partition.assignment.strategy",
    "session.timeout.ms",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "bootstrap.servers",
};

std::string text(std::size_t number) {
  return std::to_string(number);
}
std::string text(std::chrono::milliseconds time) {
  return std::to_string(time.count());
}

std::string version_text(int version) {
  return std::to_string(version >> 24 & 0xff) + "." + std::to_string(version >> 16 & 0xff) + "." +
         std::to_string(version >> 8 & 0xff);
}

Properties common(const KafkaLogOptions& options) {
  return {{"bootstrap.servers", options.brokers},
          {"client.id", options.client_id},
          {"reconnect.backoff.ms", text(options.reconnect_backoff)},
          {"reconnect.backoff.max.ms", text(options.max_reconnect_backoff)},
          {"socket.nagle.disable", "true"},
          {"socket.keepalive.enable", "true"},
          {"log.connection.close", "false"}};
}

Properties with_given(Properties chosen, const KafkaLogOptions& options) {
  for (const auto& [name, value] : options.properties) chosen[name] = value;
  return chosen;
}

// Nothing of ours is in transactions: one of somebody else that stays open must not hold readers
// back, who would take its begin for the end of the log.
Properties consumer(const KafkaLogOptions& options) {
  Properties chosen = common(options);
  chosen.merge(Properties{{"allow.auto.create.topics", "false"},
                          {"enable.auto.commit", "false"},
                          {"enable.auto.offset.store", "false"},
                          {"auto.offset.reset", "error"},
                          {"isolation.level", "read_uncommitted"}});
  return chosen;
}

}  // namespace

base::Status check_properties(const Properties& given, int library_version) {
  for (const auto& [name, value] : given) {
    if (std::ranges::find(kFixed, name) != kFixed.end()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "the Kafka property " + name +
                            " cannot be set: no event lost, none out of order and bounded memory "
                            "rest on the value that this program gives it");
    }
    const bool mechanism = name == "sasl.mechanism" || name == "sasl.mechanisms";
    if (mechanism && value.starts_with("SCRAM") && library_version < kScramWorksSince) {
      std::string message = value;
      message.append(" logins (")
          .append(name)
          .append(") do not work with the librdkafka at hand, ");
      message.append(version_text(library_version));
      message.append(
          ": brokers refuse them. Use librdkafka 2.6.1 or later (Debian 13 has it), or "
          "PLAIN over TLS, or a TLS client certificate");
      return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
    }
  }
  return {};
}

// Time-outs of messages are the producer's own: librdkafka's would leave gaps behind them.
Properties producer_properties(const KafkaLogOptions& options) {
  Properties chosen = common(options);
  chosen.merge(
      Properties{{"enable.idempotence", "true"},
                 {"enable.gapless.guarantee", "true"},
                 {"acks", "all"},
                 {"message.timeout.ms", "0"},
                 {"request.timeout.ms", text(options.request_timeout)},
                 {"retry.backoff.ms", text(options.reconnect_backoff)},
                 {"compression.type", "lz4"},
                 {"linger.ms", text(options.linger)},
                 {"message.max.bytes", text(options.max_record_bytes + (std::size_t{64} << 10))},
                 {"queue.buffering.max.messages", "10000000"},
                 {"queue.buffering.max.kbytes", text(options.max_queued_bytes / 512 + 1)}});
  return with_given(std::move(chosen), options);
}

Properties reader_properties(const KafkaLogOptions& options) {
  Properties chosen = consumer(options);
  chosen.merge(Properties{{"enable.partition.eof", "true"},
                          {"check.crcs", "true"},
                          {"fetch.wait.max.ms", text(options.fetch_wait)},
                          {"fetch.error.backoff.ms", text(options.reconnect_backoff)},
                          {"fetch.message.max.bytes", text(options.fetch_partition_bytes)},
                          {"queued.max.messages.kbytes", text(options.max_prefetch_bytes / 1024)}});
  return with_given(std::move(chosen), options);
}

Properties control_properties(const KafkaLogOptions& options) {
  return with_given(consumer(options), options);
}

// Eager assignments: librdkafka's cooperative ones lose track (loops, lost assignments, hanging
// closes) before 2.10.
Properties member_properties(const KafkaLogOptions& options, const GroupOptions& group) {
  Properties chosen = with_given(consumer(options), options);
  chosen["client.id"] = group.client_id;
  chosen["group.id"] = group.group;
  if (!group.instance_id.empty()) chosen["group.instance.id"] = group.instance_id;
  chosen["partition.assignment.strategy"] = "range";
  chosen["session.timeout.ms"] = text(group.session_timeout);
  chosen["heartbeat.interval.ms"] = text(group.heartbeat_interval);
  chosen["max.poll.interval.ms"] = text(std::max(group.rebalance_timeout, group.session_timeout));
  return chosen;
}

}  // namespace armada_cache::eventlog::kafka
