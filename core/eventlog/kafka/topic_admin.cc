#include "core/eventlog/kafka/topic_admin.h"

#include "core/eventlog/kafka/topic_settings.h"

namespace armada_cache::eventlog::kafka {
namespace {

// Kafka itself would accept it, and every append would fail.
base::Status check_copies(const KafkaLogOptions& options) {
  const TopicDefaults& topics = options.topics;
  if (topics.min_insync_replicas <= topics.replication_factor) return {};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "min.insync.replicas " + std::to_string(topics.min_insync_replicas) +
                        " is more than the replication factor " +
                        std::to_string(topics.replication_factor) + ": nothing could be stored");
}

base::Result<TopicDescription> find_or_create(Cluster& cluster, const KafkaLogOptions& options,
                                              const TopicSpec& spec) {
  auto found = cluster.describe(spec.name);
  if (!found) return tl::unexpected(found.error());
  if (found->has_value()) return std::move(**found);
  if (auto checked = check_copies(options); !checked) return tl::unexpected(checked.error());
  const auto created = cluster.create(spec.name, wanted_topic(spec, options));
  if (!created && created.error().code != base::ErrorCode::kAlreadyExists) {
    return tl::unexpected(created.error());
  }
  return cluster.wait_for(spec.name);
}

}  // namespace

base::Status ensure_topic(Cluster& cluster, const KafkaLogOptions& options, const TopicSpec& spec) {
  if (auto checked = check_spec(spec); !checked) return checked;
  auto found = find_or_create(cluster, options, spec);
  if (!found) return tl::unexpected(found.error());
  auto settings = cluster.settings(spec.name);
  if (!settings) return tl::unexpected(settings.error());
  found->settings = std::move(*settings);
  const auto lines = differences(spec, options, *found);
  if (lines.empty()) return {};
  std::string message = "topic " + spec.name + " is not as it must be";
  for (const std::string& line : lines) message += "; " + line;
  return base::fail(base::ErrorCode::kFailedPrecondition, std::move(message));
}

}  // namespace armada_cache::eventlog::kafka
