// What is the same of every topic, and for every process of a cache.
#pragma once

#include <chrono>
#include <vector>

#include "core/base/settings.h"
#include "core/eventlog/record.h"

namespace armada_cache::app {

struct TopicSettings {
  eventlog::Partition partitions = 8;
  std::chrono::milliseconds event_retention = std::chrono::hours(24 * 7);
};

void declare(TopicSettings& values, base::Settings& settings);

// From 0 on.
std::vector<eventlog::Partition> all_partitions(const TopicSettings& values);

}  // namespace armada_cache::app
