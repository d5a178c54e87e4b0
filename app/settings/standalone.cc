#include "app/settings/standalone.h"

#include "app/settings/order.h"

namespace armada_cache::app {
namespace {

// An append that is larger than the whole queue would be refused for ever.
base::Status check_log_queue(const StandaloneSettings& values) {
  const std::size_t least =
      values.ingest.relay.buffer_bytes + values.ingest.armada.max_receive_bytes;
  if (values.log.max_queued_bytes >= least) return {};
  const auto text = [](std::size_t bytes) {
    return base::number_text(static_cast<std::int64_t>(bytes), base::Unit::kBytes);
  };
  return wrong("setting 'log-queue-bytes' is " + text(values.log.max_queued_bytes) +
               "; allowed: at least 'relay-buffer-bytes' and 'armada-max-message-bytes' together, "
               "which are " +
               text(least));
}

// What the parts need of each other.
base::Status check_together(const StandaloneSettings& values) {
  Order order;
  // What the relays may hold at once must find room in line, or the log refuses it under load.
  order.at_most(in_bytes("relay-buffer-bytes-total", values.ingest.buffer_bytes_total),
                in_bytes("log-queue-bytes", values.log.max_queued_bytes));
  order.at_most(in_time("relay-record-retry", values.ingest.relay.record_retry),
                in_time("log-doubt-after-failure", values.log.doubt_after_failure));
  return order.status();
}

}  // namespace

void declare(StandaloneSettings& values, base::Settings& settings) {
  declare(values.ingest.armada, values.credentials, settings);
  settings.section("What it is");
  settings.add("data-dir", values.data_dir, "Folder of the log and the databases. Must be set.");
  declare(values.process, settings);
  declare(values.query, settings);
  settings.section("How it serves");
  settings.add("certainty-wait", values.certainty_wait, {0, 60'000},
               "How long a call waits to become sure that a job is unknown.");
  settings.add("start-timeout", values.start_timeout, {1000, 86'400'000},
               "How long the start may take until it serves.");
  declare(values.topics, settings);
  declare(values.log, settings);
  declare(values.ingest, settings);
  declare(values.projector, settings);
}

void spread(StandaloneSettings& values) {
  values.log.directory = values.data_dir / "log";
  values.projector.data_dir = values.data_dir;
  values.projector.partition_count = values.topics.partitions;
  values.projector.partitions = all_partitions(values.topics);
  values.projector.certainty_wait = values.certainty_wait;
  values.ingest.credentials = to_rpc(values.credentials);
  values.ingest.relay.partitions = values.topics.partitions;
  values.ingest.hub.records.backoff = values.ingest.relay.times.backoff;
  values.ingest.drain_timeout = values.process.drain_timeout;
  values.query.subscriptions.partitions = values.topics.partitions;
  values.query.certainty_wait = values.certainty_wait;
  values.query.server.drain_deadline = values.process.drain_timeout;
}

base::Status check(const StandaloneSettings& values) {
  if (auto checked = check(values.ingest.armada, values.credentials); !checked) return checked;
  if (values.data_dir.empty()) return wrong("setting 'data-dir' is not set; it must be a folder");
  if (auto checked = check(values.process); !checked) return checked;
  if (auto checked = check(values.query); !checked) return checked;
  if (auto checked = check(values.projector); !checked) return checked;
  if (auto checked = check(values.ingest); !checked) return checked;
  if (auto checked = check(values.log); !checked) return checked;
  if (auto checked = check_together(values); !checked) return checked;
  return check_log_queue(values);
}

}  // namespace armada_cache::app
