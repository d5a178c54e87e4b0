#include "app/kafka_start.h"

#include "core/base/log.h"
#include "core/topics/codecs.h"

namespace armada_cache::app {
namespace {

// Of the three topics none fits to another number alone, nor do the databases of projectors.
std::string make_anew(const std::string& brokers) {
  return "stop every tier; delete all three topics, and every subscription with them, by "
         "kafka-topics.sh --bootstrap-server " +
         brokers +
         " --delete --topic 'armada[.](events|relays|subscriptions)'; delete DATA_DIR/projection "
         "of each projector; then start projectors, query processes and ingests, in this order";
}

}  // namespace

base::Result<std::unique_ptr<eventlog::EventLog>> start_kafka_log(const KafkaSettings& kafka,
                                                                  const TopicSettings& topics,
                                                                  Starting& starting) {
  auto options = kafka_log_options(kafka);
  if (!options) return tl::unexpected(options.error());
  options->topics.make_anew = make_anew(options->brokers);
  base::log_info("looking for the topics", {{"brokers", options->brokers}});
  auto log = eventlog::kafka::open_kafka_log(*options);
  if (!log) return log;
  for (const auto& topic : topics::topic_specs(topics.partitions, topics.event_retention)) {
    auto ensured = starting.retry([&] { return (*log)->ensure_topic(topic); });
    if (!ensured) return tl::unexpected(ensured.error());
  }
  return log;
}

}  // namespace armada_cache::app
