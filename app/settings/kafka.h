// The log of several processes: how Apache Kafka is reached, and how topics are made there.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/base/settings.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::app {

struct KafkaSettings {
  eventlog::kafka::KafkaLogOptions log;  // its properties are those that are given as such

  bool tls = false;
  std::filesystem::path ca_file;
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  std::filesystem::path key_password_file;

  std::string sasl_mechanism = "none";
  std::string sasl_user;
  std::filesystem::path sasl_password_file;
  bool plaintext_credentials = false;
};

void declare(KafkaSettings& values, base::Settings& settings);
base::Status check(const KafkaSettings& values);

// With the properties that TLS and SASL need; reads the files that hold secrets. kInvalidArgument
// names the setting of a file that cannot be used. Properties that are given as such win.
base::Result<eventlog::kafka::KafkaLogOptions> kafka_log_options(const KafkaSettings& values);

}  // namespace armada_cache::app
