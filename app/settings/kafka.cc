#include "app/settings/kafka.h"

#include <sstream>

#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "app/settings/secret_file.h"
#include "core/base/address.h"

namespace armada_cache::app {
namespace {

using eventlog::kafka::KafkaLogOptions;

void declare_security(KafkaSettings& values, base::Settings& settings) {
  settings.add("kafka-tls", values.tls, "Whether connections to Kafka are encrypted.");
  settings.add("kafka-ca-file", values.ca_file,
               "PEM file of the CAs to trust; empty: the system's.");
  settings.add("kafka-certificate-file", values.certificate_file,
               "PEM file of the certificate to show to brokers, with kafka-key-file.");
  settings.add("kafka-key-file", values.key_file, "PEM file of the certificate's key.");
  settings.add("kafka-key-password-file", values.key_password_file,
               "File that holds the password of that key, where it has one.");
  settings.add("kafka-sasl-mechanism", values.sasl_mechanism,
               {"none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}, "How to log in.");
  settings.add("kafka-sasl-user", values.sasl_user, "Name to log in with.");
  settings.add("kafka-sasl-password-file", values.sasl_password_file,
               "File that holds the password of kafka-sasl-user.");
  settings.add("kafka-plaintext-credentials", values.plaintext_credentials,
               "Whether a password may leave this machine without encryption.");
  settings.add("kafka-property", values.log.properties,
               "Any other property of librdkafka; what order and durability rest on is refused.");
}

void declare_bounds(KafkaLogOptions& log, base::Settings& settings) {
  settings.add_bytes("kafka-max-record-bytes", log.max_record_bytes, range::kMessageBytes,
                     "Largest record; topics are made to take it.");
  settings.add_bytes("kafka-queue-bytes", log.max_queued_bytes, range::kMemoryBytes,
                     "Records that wait to be stored.");
  settings.add_bytes("kafka-prefetch-bytes", log.max_prefetch_bytes, range::kMemoryBytes,
                     "What one reader reads ahead.");
  settings.add_bytes("kafka-fetch-partition-bytes", log.fetch_partition_bytes, range::kMessageBytes,
                     "What it takes of one partition at a time.");
  settings.add("kafka-poll-records", log.max_poll_records, range::kCount,
               "Records that it gives at a time, at the most.");
  settings.add("kafka-end-questions", log.max_end_questions, range::kCount,
               "Questions where partitions end that wait to be asked.");
}

void declare_times(KafkaLogOptions& log, base::Settings& settings) {
  settings.add("kafka-linger", log.linger, {0, 1000},
               "How long a record waits for others to be sent with.");
  settings.add("kafka-fetch-wait", log.fetch_wait, {1, 10'000},
               "How long a broker waits for a record before it says that there is none.");
  settings.add("kafka-answer-timeout", log.answer_timeout, {100, 600'000},
               "How long a question about topics and offsets may take.");
  settings.add("kafka-request-timeout", log.request_timeout, {100, 600'000},
               "How long one attempt to store may take.");
  settings.add("kafka-delivery-timeout", log.delivery_timeout, {1000, 600'000},
               "How long all attempts to store a record may take together.");
  settings.add("kafka-reconnect-first", log.reconnect_backoff, {1, 600'000},
               "First pause before a lost connection to a broker is made again.");
  settings.add("kafka-reconnect-max", log.max_reconnect_backoff, {1, 600'000},
               "Longest such pause.");
  settings.add("kafka-rebuild-first", log.rebuild_backoff, {1, 600'000},
               "First pause after records could not be stored; they double.");
  settings.add("kafka-rebuild-max", log.max_rebuild_backoff, {1, 600'000}, "Longest such pause.");
  settings.add("kafka-doubt", log.doubt, {100, 600'000},
               "How long after it nothing is certain: what was refused is appended again.");
}

base::Status check_brokers(const std::string& brokers) {
  if (brokers.empty()) return wrong("setting 'kafka-brokers' is not set; it must be HOST:PORT,...");
  std::istringstream list(brokers);
  for (std::string broker; std::getline(list, broker, ',');) {
    if (auto checked = check_address("kafka-brokers", broker); !checked) return checked;
  }
  return {};
}

bool stays_here(const std::string& brokers) {
  std::istringstream list(brokers);
  for (std::string broker; std::getline(list, broker, ',');) {
    const auto address = base::parse_address(broker);
    if (!address || !base::is_loopback(address->host)) return false;
  }
  return true;
}

base::Status check_login(const KafkaSettings& values) {
  const bool logs_in = values.sasl_mechanism != "none";
  if (logs_in != !values.sasl_user.empty() || logs_in != !values.sasl_password_file.empty()) {
    return wrong(
        "settings 'kafka-sasl-mechanism', 'kafka-sasl-user' and 'kafka-sasl-password-file' need "
        "each other");
  }
  if (!logs_in || values.tls || values.plaintext_credentials || stays_here(values.log.brokers)) {
    return {};
  }
  return wrong(
      "setting 'kafka-sasl-mechanism' would send a password unencrypted; set 'kafka-tls', or allow "
      "it with 'kafka-plaintext-credentials'");
}

base::Status check_tls(const KafkaSettings& values) {
  if (values.certificate_file.empty() != values.key_file.empty()) {
    return wrong("settings 'kafka-certificate-file' and 'kafka-key-file' need each other");
  }
  if (!values.tls && !(values.ca_file.empty() && values.certificate_file.empty())) {
    return wrong("settings 'kafka-ca-file' and 'kafka-certificate-file' need 'kafka-tls'");
  }
  for (const auto& [setting, file] : {std::pair("kafka-ca-file", values.ca_file),
                                      std::pair("kafka-certificate-file", values.certificate_file),
                                      std::pair("kafka-key-file", values.key_file)}) {
    if (auto found = check_file(setting, file); !found) return found;
  }
  return {};
}

std::string protocol(bool sasl, bool tls) {
  if (sasl) return tls ? "sasl_ssl" : "sasl_plaintext";
  return tls ? "ssl" : "plaintext";
}

}  // namespace

void declare(KafkaSettings& values, base::Settings& settings) {
  settings.section("How to reach Kafka");
  settings.add("kafka-brokers", values.log.brokers, "HOST:PORT,... of some brokers. Must be set.");
  settings.add("kafka-client-id", values.log.client_id, "How brokers name this process.");
  declare_security(values, settings);
  settings.section("The log");
  settings.add("kafka-replication-factor", values.log.topics.replication_factor, {1, 100},
               "Copies of each topic that is made here, and the least of those that are there.");
  settings.add("kafka-min-insync-replicas", values.log.topics.min_insync_replicas, {1, 100},
               "Copies that must have a record before it counts as stored; likewise.");
  settings.rarely_needed();
  declare_bounds(values.log, settings);
  declare_times(values.log, settings);
}

base::Status check(const KafkaSettings& values) {
  if (auto checked = check_brokers(values.log.brokers); !checked) return checked;
  if (auto checked = check_tls(values); !checked) return checked;
  if (auto checked = check_login(values); !checked) return checked;
  const KafkaLogOptions& log = values.log;
  Order order;
  order.at_most(in_number("kafka-min-insync-replicas", log.topics.min_insync_replicas),
                in_number("kafka-replication-factor", log.topics.replication_factor));
  order.at_most(in_bytes("kafka-max-record-bytes", log.max_record_bytes),
                in_bytes("kafka-queue-bytes", log.max_queued_bytes));
  order.at_most(in_time("kafka-request-timeout", log.request_timeout),
                in_time("kafka-delivery-timeout", log.delivery_timeout));
  order.at_most(in_time("kafka-reconnect-first", log.reconnect_backoff),
                in_time("kafka-reconnect-max", log.max_reconnect_backoff));
  order.at_most(in_time("kafka-rebuild-first", log.rebuild_backoff),
                in_time("kafka-rebuild-max", log.max_rebuild_backoff));
  return order.status();
}

base::Result<KafkaLogOptions> kafka_log_options(const KafkaSettings& values) {
  KafkaLogOptions options = values.log;
  const bool sasl = values.sasl_mechanism != "none";
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) options.properties.try_emplace(name, value);
  };
  if (sasl || values.tls) set("security.protocol", protocol(sasl, values.tls));
  set("ssl.ca.location", values.ca_file);
  set("ssl.certificate.location", values.certificate_file);
  set("ssl.key.location", values.key_file);
  auto key_password = read_secret("kafka-key-password-file", values.key_password_file);
  if (!key_password) return tl::unexpected(key_password.error());
  set("ssl.key.password", *key_password);
  if (!sasl) return options;
  auto password = read_secret("kafka-sasl-password-file", values.sasl_password_file);
  if (!password) return tl::unexpected(password.error());
  set("sasl.mechanisms", values.sasl_mechanism);
  set("sasl.username", values.sasl_user);
  set("sasl.password", *password);
  return options;
}

}  // namespace armada_cache::app
