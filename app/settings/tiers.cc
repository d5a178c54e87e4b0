#include "app/settings/tiers.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "core/topics/partition_ranges.h"
#include "query/routing/static_directory.h"

namespace armada_cache::app {
namespace {

void declare_partitions_here(std::string& target, base::Settings& settings) {
  settings.section("What it is");
  settings.add("partitions-here", target,
               "Partitions that this process works on, such as 0-3+6; empty: all of them.");
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

base::Status check_projectors(const QuerySettings& values) {
  if (values.projectors.empty()) {
    return wrong("setting 'projectors' is not set; it must be GROUP:HOST:PORT=RANGES,...");
  }
  auto parsed = query::StaticDirectory::parse(values.projectors, values.topics.partitions);
  if (parsed) return {};
  return wrong("setting 'projectors': " + parsed.error().message);
}

}  // namespace

void declare(IngestSettings& values, base::Settings& settings) {
  declare(values.ingest.armada, values.credentials, settings);
  declare_partitions_here(values.partitions_here, settings);
  declare(values.process, settings);
  declare(values.kafka, settings);
  declare(values.topics, settings);
  declare(values.ingest, settings);
}

void spread(IngestSettings& values) {
  values.ingest.credentials = to_rpc(values.credentials);
  values.ingest.relay.partitions = values.topics.partitions;
  values.ingest.hub.records.backoff = values.ingest.relay.times.backoff;
  values.ingest.drain_timeout = values.process.drain_timeout;
}

base::Status check(const IngestSettings& values) {
  if (auto checked = check(values.ingest.armada, values.credentials); !checked) return checked;
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.ingest); !checked) return checked;
  if (auto checked = check_queue(values); !checked) return checked;
  return check_partitions_here(values.partitions_here, values.topics);
}

void declare(ProjectorSettings& values, base::Settings& settings) {
  settings.section("What it is");
  settings.add("data-dir", values.projector.data_dir, "Folder of the databases. Must be set.");
  declare_partitions_here(values.partitions_here, settings);
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
}

void spread(ProjectorSettings& values) {
  values.projector.partition_count = values.topics.partitions;
  values.projector.partitions = partitions_here(values.partitions_here, values.topics);
  values.lookups.drain_deadline = values.process.drain_timeout;
}

base::Status check(const ProjectorSettings& values) {
  if (values.projector.data_dir.empty()) {
    return wrong("setting 'data-dir' is not set; it must be a folder");
  }
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.lookups); !checked) return checked;
  if (auto checked = check(values.projector); !checked) return checked;
  return check_partitions_here(values.partitions_here, values.topics);
}

void declare(QuerySettings& values, base::Settings& settings) {
  declare(values.process, settings);
  declare(values.kafka, settings);
  settings.section("How to reach projectors");
  settings.add("projectors", values.projectors,
               "GROUP:HOST:PORT=RANGES,...: which has which partitions, such as "
               "a:10.0.0.1:60004=0-3,a:10.0.0.2:60004=4-7. Must be set.");
  declare(values.routing, values.remote, settings);
  declare(values.query, settings);
  settings.section("How it serves");
  settings.add("certainty-wait", values.query.doubt_budget, {0, 60'000},
               "How long a call waits to become sure that a job is unknown.");
  declare(values.topics, settings);
}

void spread(QuerySettings& values) {
  values.query.subscriptions.partitions = values.topics.partitions;
  values.query.drain_deadline = values.process.drain_timeout;
}

base::Status check(const QuerySettings& values) {
  if (auto checked = check(values.kafka); !checked) return checked;
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.query); !checked) return checked;
  if (auto checked = check(values.remote); !checked) return checked;
  Order order;
  order.less_than(in_time("certainty-wait", values.query.doubt_budget),
                  in_time("hedge-after", values.routing.hedge_after));
  order.less_than(in_time("lookup-give-up-after", values.routing.give_up_after),
                  in_time("call-deadline", values.query.call_deadline));
  if (auto ordered = order.status(); !ordered) return ordered;
  return check_projectors(values);
}

std::vector<eventlog::Partition> partitions_here(const std::string& list,
                                                 const TopicSettings& topics) {
  if (list.empty()) return all_partitions(topics);
  return topics::parse_partitions(list, topics.partitions)
      .value_or(std::vector<eventlog::Partition>());
}

}  // namespace armada_cache::app
