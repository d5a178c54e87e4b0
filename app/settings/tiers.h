// The settings of the tiers as processes of their own over Kafka. spread() hands on what several
// parts need; check() is for after it.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "app/settings/armada.h"
#include "app/settings/group.h"
#include "app/settings/ingest.h"
#include "app/settings/kafka.h"
#include "app/settings/lookups.h"
#include "app/settings/process.h"
#include "app/settings/projector.h"
#include "app/settings/query.h"
#include "app/settings/topics.h"
#include "query/routing/learning_directory.h"

namespace armada_cache::app {

struct IngestSettings {
  // What is taken from Armada must find room in a record.
  IngestSettings() {
    ingest.armada.max_receive_bytes = std::size_t{7} << 20;
    ingest.hub.pulse_interval = std::chrono::seconds(1);
  }

  ProcessSettings process{.http = {.listen = "127.0.0.1:60082"}};
  TopicSettings topics;
  KafkaSettings kafka;
  ArmadaCredentials credentials;
  GroupSettings group;
  std::string partitions_here;  // empty: those that the group gives
  ingest::Options ingest;
};

struct ProjectorSettings {
  ProjectorSettings() { lookups.server.transport.listen = "127.0.0.1:60004"; }

  ProcessSettings process{.http = {.listen = "127.0.0.1:60081"}};
  TopicSettings topics;
  KafkaSettings kafka;
  GroupSettings group;
  std::string replica_group = "a";
  std::string partitions_here;  // empty: those that the group gives
  std::chrono::milliseconds ready_lag = std::chrono::seconds(30);
  projector::Options projector;
  projector::LookupServerOptions lookups;
};

struct QuerySettings {
  ProcessSettings process;
  TopicSettings topics;
  KafkaSettings kafka;
  std::string projectors;  // empty: found by their groups
  std::string group_prefix = GroupSettings().prefix;
  std::string replica_groups = "a";
  std::chrono::milliseconds directory_timeout{2'000};
  query::LearningOptions directory;
  query::QueryOptions query;
  query::RoutingOptions routing;
  query::RemoteOptions remote;
};

void declare(IngestSettings& values, base::Settings& settings);
void spread(IngestSettings& values);
base::Status check(const IngestSettings& values);

void declare(ProjectorSettings& values, base::Settings& settings);
void spread(ProjectorSettings& values);
base::Status check(const ProjectorSettings& values);

void declare(QuerySettings& values, base::Settings& settings);
void spread(QuerySettings& values);
base::Status check(const QuerySettings& values);

// Of a list as people write it, once it is checked; none of an empty one.
std::vector<eventlog::Partition> partitions_here(const std::string& list,
                                                 const TopicSettings& topics);

}  // namespace armada_cache::app
