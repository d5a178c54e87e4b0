#include "app/settings/ingest.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {
namespace {

void declare_connections(ingest::Options& options, base::Settings& settings) {
  settings.add("armada-probe-interval", options.probes.interval, {100, 10'000},
               "How often Armada is asked for its health over each connection that has streams.");
  settings.add(
      "armada-probe-timeout", options.probes.timeout, {100, 30'000},
      "A connection that brings neither the answer nor anything else for so long is dead.");
  settings.add("streams-per-connection", options.channels.streams_per_channel, {1, 100'000},
               "Streams that share a connection to Armada; less than what Armada allows on one.");
}

void declare_buffers(ingest::Options& options, base::Settings& settings) {
  settings.add_bytes("relay-read-ahead-bytes", options.relay.read_ahead_bytes, {4 << 10, 1LL << 30},
                     "What a stream may read at a time.");
  settings.add("relay-known-jobs", options.relay.known_jobs, {0, 100'000'000},
               "Jobs of a job set that are counted to know that all have ended.");
  settings.add("relay-records-in-flight", options.hub.records.in_flight, {1, 100'000},
               "Records of relays and subscriptions that are being stored at once.");
  settings.add("subscriptions-batch", options.follow.batch_records, {1, 1'000'000},
               "Subscriptions taken from the log at a time.");
}

void declare_paces(ingest::Options& options, base::Settings& settings) {
  ingest::RelayTimes& times = options.relay.times;
  settings.add("cursor-interval", options.relay.cursor_interval, {10, 60'000},
               "How often a job set's position is stored.");
  settings.add("relay-record-retry", options.relay.record_retry, {10, 600'000},
               "Pause after that could not be stored.");
  settings.add("catch-up-stall", times.catch_up_stall, range::kPatience,
               "A stream that brings nothing for so long while catching up is begun again.");
  settings.add("settled-after", times.settled_after, {0, 3'600'000},
               "A stream that lasted so long was no failure, whatever ended it.");
  settings.add("missing-queue-retry", times.missing_queue_retry, {100, 60'000},
               "Pause after Armada has said that it has no such queue.");
  settings.add("park-unsure-after", times.park_unsure_after, range::kPatience,
               "As park-after, where it is not known whether all jobs have ended.");
  settings.add("retry-first", times.backoff.base, {10, 600'000},
               "First pause between attempts to reach Armada; they double.");
  settings.add("held-back-after", times.held_back_after, {10, 5000},
               "A stream whose events find no room for so long is behind: it catches up again.");
  settings.add("held-back-gap", times.held_back_gap, {1, 600'000},
               "Times without room that are no further apart count as one.");
  settings.add("subscriptions-poll-wait", options.follow.poll_wait, {1, 60'000},
               "How long to wait for them at a time.");
  settings.add("subscriptions-retry", options.follow.retry_pause, {1, 600'000},
               "Pause after they could not be read.");
  settings.add("replay-patience", options.replay_patience, {100, 3'600'000},
               "How long a start waits for a log that brings nothing.");
}

void declare_forgetting(ingest::HubOptions& hub, base::Settings& settings) {
  settings.add("lease-check-pause", hub.lease_check_pause, {10, 600'000},
               "Pause between two searches for subscriptions that have ended.");
  settings.add("forget-leases-after", hub.forget_leases_after, range::kPatience,
               "A subscription that ended so long ago is removed from the log.");
  settings.add("relay-retention", hub.relay_retention, range::kPatience,
               "A job set that nobody has followed for so long is forgotten: when somebody does "
               "again, its stream is read from the start.");
  settings.add("forget-interval", hub.forget_interval, range::kPatience,
               "How often subscriptions and job sets to forget are looked for.");
  settings.add("forgotten-at-once", hub.forgotten_at_once, range::kCount,
               "How many are forgotten at a time.");
}

}  // namespace

void declare(ingest::Options& options, base::Settings& settings) {
  settings.section("What it is");
  settings.add("cluster", options.relay.cluster, "Armada's name, in the source of every event.");
  settings.section("Following Armada");
  settings.add(
      "max-job-sets", options.hub.max_job_sets, {1, 1'000'000},
      "Job sets followed at the same time. Where more are wanted, those that Armada does not "
      "have, refuses or lets rest give way.");
  settings.add_bytes("relay-buffer-bytes", options.relay.buffer_bytes, range::kBufferBytes,
                     "Events read and not yet stored, a job set.");
  settings.add_bytes("relay-buffer-bytes-total", options.buffer_bytes_total, range::kBufferBytes,
                     "The same, of all job sets.");
  ingest::RelayTimes& times = options.relay.times;
  settings.add("retry-max", times.backoff.max, {100, 3'600'000},
               "Longest pause between attempts to reach Armada.");
  settings.add("refused-retry", times.refused_retry, {100, 86'400'000},
               "Pause after Armada has refused a job set.");
  settings.add("park-after", times.park_after, {1000, 86'400'000},
               "Silence after which a job set whose jobs have all ended is let go.");
  settings.add("park-check", times.parked_look, {1000, 86'400'000},
               "How often such a job set is looked at again.");
  settings.rarely_needed();
  declare_connections(options, settings);
  declare_buffers(options, settings);
  declare_paces(options, settings);
  declare_forgetting(options.hub, settings);
}

base::Status check(const ingest::Options& options) {
  if (options.relay.cluster.empty()) {
    return wrong("setting 'cluster' is empty; it must name the Armada");
  }
  const ingest::RelayTimes& times = options.relay.times;
  Order order;
  order.at_most(in_time("retry-first", times.backoff.base),
                in_time("retry-max", times.backoff.max));
  order.at_most(in_time("park-after", times.park_after),
                in_time("park-unsure-after", times.park_unsure_after));
  const Named buffer = in_bytes("relay-buffer-bytes", options.relay.buffer_bytes);
  order.at_most(in_bytes("relay-read-ahead-bytes", options.relay.read_ahead_bytes), buffer);
  order.at_most(buffer, in_bytes("relay-buffer-bytes-total", options.buffer_bytes_total));
  return order.status();
}

}  // namespace armada_cache::app
