#include "app/kafka_start.h"

#include "core/topics/codecs.h"

namespace armada_cache::app {

base::Result<std::unique_ptr<eventlog::EventLog>> start_kafka_log(const KafkaSettings& kafka,
                                                                  const TopicSettings& topics,
                                                                  Starting& starting) {
  const auto options = kafka_log_options(kafka);
  if (!options) return tl::unexpected(options.error());
  auto log = eventlog::kafka::open_kafka_log(*options);
  if (!log) return log;
  for (const auto& topic : topics::topic_specs(topics.partitions, topics.event_retention)) {
    auto ensured = starting.retry([&] { return (*log)->ensure_topic(topic); });
    if (!ensured) return tl::unexpected(ensured.error());
  }
  return log;
}

}  // namespace armada_cache::app
