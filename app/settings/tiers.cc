#include "app/settings/tiers.h"

#include <set>

#include "app/directory/projector_groups.h"
#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "app/settings/server.h"
#include "core/base/address.h"
#include "core/topics/codecs.h"
#include "core/topics/partition_ranges.h"
#include "query/routing/static_directory.h"

namespace armada_cache::app {
namespace {

void declare_partitions_here(std::string& target, base::Settings& settings) {
  settings.section("What it is");
  settings.add("partitions-here", target,
               "Partitions that this process works on, such as 0-3+6; empty: those that its group "
               "gives it.");
}

base::Status check_partitions_here(const std::string& list, const TopicSettings& topics) {
  if (list.empty() || topics::parse_partitions(list, topics.partitions)) return {};
  return wrong("setting 'partitions-here' is '" + list +
               "'; allowed: ranges of partitions such as 0-3+6, all below 'partitions', which is " +
               std::to_string(topics.partitions));
}

// What the relays may hold at once must find room in line, or the log refuses it under load.
base::Status check_queue(const IngestSettings& values) {
  Order order;
  order.at_most(in_bytes("relay-buffer-bytes-total", values.ingest.buffer_bytes_total),
                in_bytes("kafka-queue-bytes", values.kafka.log.max_queued_bytes));
  order.at_most(in_time("relay-record-retry", values.ingest.relay.record_retry),
                in_time("kafka-doubt", values.kafka.log.doubt));
  order.less_than(in_bytes("armada-max-message-bytes", values.ingest.armada.max_receive_bytes),
                  in_bytes("kafka-max-record-bytes", values.kafka.log.max_record_bytes));
  return order.status();
}

void declare_place(ProjectorSettings& values, base::Settings& settings) {
  eventlog::kafka::GroupOptions& member = values.group.share.member;
  settings.add("replica-group", values.replica_group,
               "Which copy of everything it is a part of, such as a or b.");
  settings.add("advertise", member.client_id,
               "HOST:PORT where query processes reach it; empty: where it listens.");
  settings.add(
      "instance-id", member.instance_id,
      "By which its group knows it again after a restart, and gives it what it had; empty: "
      "made of the names of the host and of data-dir.");
}

base::Status check_advertised(const std::string& address) {
  if (auto checked = check_address("advertise", address); !checked) return checked;
  if (base::parse_address(address)->port != 0) return {};
  return wrong("setting 'advertise' is " + address +
               "; it must be the HOST:PORT where query processes reach this one, and nobody is "
               "reached at port 0");
}

// Where it listens by default says nothing to others when that is each address of a machine.
base::Status check_place(const ProjectorSettings& values) {
  const eventlog::kafka::GroupOptions& member = values.group.share.member;
  if (auto checked = check_group_name("replica-group", values.replica_group); !checked) {
    return checked;
  }
  if (auto checked = check_instance_id("instance-id", member.instance_id); !checked) return checked;
  if (!member.client_id.empty()) return check_advertised(member.client_id);
  const auto listens = base::parse_address(values.lookups.server.transport.listen);
  const bool anywhere = listens && (listens->host == "0.0.0.0" || listens->host == "::");
  if (!anywhere || !values.partitions_here.empty()) return {};
  return wrong(
      "setting 'advertise' is not set; it must be the HOST:PORT where query processes "
      "reach this one, since 'grpc-listen' is " +
      values.lookups.server.transport.listen);
}

void declare_directory(QuerySettings& values, base::Settings& settings) {
  settings.rarely_needed();
  settings.add("directory-interval", values.directory.interval, {10, 600'000},
               "How often it is asked which projectors there are.");
  settings.add("directory-pause", values.directory.pause, {1, 60'000},
               "Least time between two such questions, where one was not where it should be.");
  settings.add("directory-timeout", values.directory_timeout, {100, 600'000},
               "How long such a question may take.");
}

base::Status check_replica_groups(const QuerySettings& values) {
  const auto groups = parse_replica_groups(values.replica_groups);
  if (groups.empty()) return check_group_name("replica-groups", "");
  std::set<std::string> names;
  for (const std::string& group : groups) {
    if (auto checked = check_group_name("replica-groups", group); !checked) return checked;
    if (!names.insert(group).second) {
      return wrong("setting 'replica-groups' has the name '" + group + "' twice");
    }
  }
  return check_group_name("group-prefix", values.group_prefix);
}

base::Status check_projectors(const QuerySettings& values) {
  if (values.projectors.empty()) return check_replica_groups(values);
  auto parsed = query::StaticDirectory::parse(values.projectors, values.topics.partitions);
  if (parsed) return {};
  return wrong("setting 'projectors': " + parsed.error().message);
}

}  // namespace

void declare(IngestSettings& values, base::Settings& settings) {
  declare(values.ingest.armada, values.credentials, settings);
  declare_partitions_here(values.partitions_here, settings);
  declare(values.group, settings);
  declare(values.process, settings);
  declare(values.kafka, settings);
  declare(values.topics, settings);
  declare(values.ingest, settings);
  settings.rarely_needed();
  settings.add("pulse-interval", values.ingest.hub.pulse_interval, {10, 60'000},
               "How often it tells projectors, for each partition, that it still follows.");
}

void spread(IngestSettings& values) {
  spread(values.group);
  eventlog::kafka::GroupOptions& member = values.group.share.member;
  member.group = values.group.prefix + "-ingest";
  member.topic = topics::kSubscriptions;
  member.client_id = values.kafka.log.client_id;
  values.ingest.credentials = to_rpc(values.credentials);
  values.ingest.relay.partitions = values.topics.partitions;
  values.ingest.hub.records.backoff = values.ingest.relay.times.backoff;
  values.ingest.drain_timeout = values.process.drain_timeout;
}

base::Status check(const IngestSettings& values) {
  if (auto checked = check(values.ingest.armada, values.credentials); !checked) return checked;
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.group); !checked) return checked;
  if (auto checked = check(values.ingest); !checked) return checked;
  if (auto checked = check_queue(values); !checked) return checked;
  return check_partitions_here(values.partitions_here, values.topics);
}

void declare(ProjectorSettings& values, base::Settings& settings) {
  settings.section("What it is");
  settings.add("data-dir", values.projector.data_dir, "Folder of the databases. Must be set.");
  declare_partitions_here(values.partitions_here, settings);
  declare_place(values, settings);
  declare(values.group, settings);
  declare(values.process, settings);
  declare(values.kafka, settings);
  declare(values.lookups, settings);
  settings.section("How it serves");
  settings.add("certainty-wait", values.projector.certainty_wait, {0, 60'000},
               "How long a lookup waits to become sure that a job is unknown.");
  settings.add("ready-lag", values.ready_lag, {100, 86'400'000},
               "Ready while it shows what the log held so long ago.");
  declare(values.topics, settings);
  declare(values.projector, settings);
  settings.add("ingest-silence", values.projector.ingest_silence, {0, 3'600'000},
               "An ingest that has not told so for so long follows no more: unknown ids are then "
               "UNAVAILABLE. More than a few times its pulse-interval; 0ms: however long.");
}

void spread(ProjectorSettings& values) {
  spread(values.group);
  eventlog::kafka::GroupOptions& member = values.group.share.member;
  member.group = projector_group(values.group.prefix, values.replica_group);
  member.topic = topics::kEvents;
  if (member.instance_id.empty()) {
    member.instance_id = default_instance_id(host_name(), values.projector.data_dir.string());
  }
  // Readers go on with what they have until it is somebody else's.
  values.group.share.handover.release_when_lost = false;
  values.projector.partition_count = values.topics.partitions;
  values.projector.partitions = partitions_here(values.partitions_here, values.topics);
  values.lookups.server.drain_deadline = values.process.drain_timeout;
}

base::Status check(const ProjectorSettings& values) {
  if (values.projector.data_dir.empty()) {
    return wrong("setting 'data-dir' is not set; it must be a folder");
  }
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.lookups.server); !checked) return checked;
  if (auto checked = check(values.group); !checked) return checked;
  if (auto checked = check_place(values); !checked) return checked;
  if (auto checked = check(values.projector); !checked) return checked;
  return check_partitions_here(values.partitions_here, values.topics);
}

void declare(QuerySettings& values, base::Settings& settings) {
  declare(values.process, settings);
  declare(values.kafka, settings);
  settings.section("How to reach projectors");
  settings.add("projectors", values.projectors,
               "GROUP:HOST:PORT=RANGES,...: which has which partitions, such as "
               "a:10.0.0.1:60004=0-3,a:10.0.0.2:60004=4-7; empty: found by their groups.");
  declare_group_prefix(values.group_prefix, settings);
  settings.add("replica-groups", values.replica_groups,
               "GROUP,...: replica groups of projectors, each of which has everything.");
  declare(values.routing, values.remote, settings);
  declare_directory(values, settings);
  declare(values.query, settings);
  settings.section("How it serves");
  settings.add("certainty-wait", values.query.certainty_wait, {0, 60'000},
               "How long a call waits to become sure that a job is unknown.");
  declare(values.topics, settings);
}

void spread(QuerySettings& values) {
  values.directory.partitions = values.topics.partitions;
  values.query.subscriptions.partitions = values.topics.partitions;
  values.query.server.drain_deadline = values.process.drain_timeout;
}

base::Status check(const QuerySettings& values) {
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.query); !checked) return checked;
  if (auto checked = check(values.remote); !checked) return checked;
  Order order;
  order.at_most(in_time("directory-pause", values.directory.pause),
                in_time("directory-interval", values.directory.interval));
  order.less_than(in_time("certainty-wait", values.query.certainty_wait),
                  in_time("hedge-after", values.routing.hedge_after));
  order.less_than(in_time("lookup-give-up-after", values.routing.give_up_after),
                  in_time("call-deadline", values.query.server.call_deadline));
  if (auto ordered = order.status(); !ordered) return ordered;
  return check_projectors(values);
}

std::vector<eventlog::Partition> partitions_here(const std::string& list,
                                                 const TopicSettings& topics) {
  if (list.empty()) return {};
  return topics::parse_partitions(list, topics.partitions)
      .value_or(std::vector<eventlog::Partition>());
}

}  // namespace armada_cache::app
