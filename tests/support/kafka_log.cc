#include "tests/support/kafka_log.h"

#include <stdexcept>
#include <utility>

namespace armada_cache::test_support {

std::unique_ptr<eventlog::EventLog> open_log(const std::string& servers) {
  return open_log({.brokers = servers, .topics = kOneCopy});
}

std::unique_ptr<eventlog::EventLog> open_log(const eventlog::kafka::KafkaLogOptions& options) {
  auto opened = eventlog::kafka::open_kafka_log(options);
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

}  // namespace armada_cache::test_support
