#include "app/settings/topics.h"

#include <numeric>

#include "app/settings/ranges.h"

namespace armada_cache::app {

void declare(TopicSettings& values, base::Settings& settings) {
  settings.section("The log");
  settings.add("partitions", values.partitions, {1, 1024},
               "Partitions of each topic; fixed when the topics are made.");
  settings.add(
      "event-retention", values.event_retention, range::kPatience,
      "How long the log keeps events. What it no longer keeps cannot be projected again: a "
      "projection that is rebuilt lacks the jobs of older events.");
}

std::vector<eventlog::Partition> all_partitions(const TopicSettings& values) {
  std::vector<eventlog::Partition> partitions(static_cast<std::size_t>(values.partitions));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

}  // namespace armada_cache::app
