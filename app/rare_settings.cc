#include "app/rare_settings.h"

namespace armada_cache::app {
namespace {

using base::Range;

constexpr Range kCount{1, 10'000'000};
constexpr Range kPace{1, 3'600'000};
constexpr Range kPatience{1000, 366LL * 86'400'000};
constexpr Range kMessageBytes{64 << 10, 1LL << 30};
constexpr Range kMemoryBytes{1 << 20, 1LL << 40};

void declare_clients(RareSettings& values, base::Settings& settings) {
  settings.add("max-metadata-bytes", values.max_metadata_bytes, {1 << 10, 1 << 20},
               "Metadata of one call.");
  settings.add("max-request-bytes", values.max_request_bytes, kMessageBytes, "Largest request.");
  settings.add("max-answer-bytes", values.max_answer_bytes, kMessageBytes, "Largest answer.");
  settings.add("connection-memory-bytes", values.connection_memory_bytes, {16 << 20, 1LL << 40},
               "Buffers of all connections; beyond it new ones are refused.");
  settings.add("handshake-timeout", values.handshake_timeout, kPace,
               "How long a client may take to begin a connection.");
  settings.add("connection-idle", values.connection_idle, kPatience,
               "A connection without calls is closed after it.");
  settings.add("connection-age", values.connection_age, kPatience,
               "A connection is asked to close after it.");
  settings.add("connection-age-grace", values.connection_age_grace, kPatience,
               "How long calls in flight may take then.");
  settings.add("client-keepalive-time", values.client_keepalive_time, {1000, 86'400'000},
               "A silent client is asked for a sign of life after it.");
  settings.add("client-keepalive-timeout", values.client_keepalive_timeout, {100, 3'600'000},
               "How long that sign may take.");
  settings.add("min-client-ping-interval", values.min_client_ping_interval, {0, 3'600'000},
               "A client that pings more often gets a strike.");
  settings.add("max-ping-strikes", values.max_ping_strikes, {1, 1000},
               "Strikes after which a client is disconnected.");
  settings.add("http-max-connections", values.http_max_connections, {1, 10'000},
               "Connections of the port for operators.");
  settings.add("http-request-timeout", values.http_request_timeout, kPace,
               "How long a request on it may take.");
}

void declare_answers(RareSettings& values, base::Settings& settings) {
  settings.add("certainty-interval", values.certainty_interval, {1, 60'000},
               "How often a call asks again while it waits to become sure.");
  settings.add("retry-after", values.retry_after, {1, 60'000},
               "When a caller is told to try again that was turned away.");
  settings.add("inline-ids", values.inline_ids, {0, 500},
               "Lookups of more jobs go to the threads of query-threads.");
  settings.add("status-slots", values.status_slots, {1, 100'000},
               "Lookups that may arrive at once.");
  settings.add("default-page-size", values.default_page_size, {1, 100'000},
               "Entries of a page where the caller names no number.");
  settings.add("max-page-size", values.max_page_size, {1, 100'000},
               "Entries of a page at the most.");
  settings.add("list-scan", values.list_scan, {100, 10'000'000},
               "Jobs that one page looks at in search of those in the wanted states.");
  settings.add("relay-ask-after", values.relay_ask_after, {0, 600'000},
               "After so long a relay that has said nothing since the start is asked how it is.");
  settings.add("wake-interval", values.wake_interval, {10, 600'000},
               "How often a job set at rest is looked at for jobs that are not known.");
  settings.add("max-wakes", values.max_wakes, kCount,
               "Job sets at rest that are looked at so within that time.");
  settings.add("poll-check-interval", values.poll_check_interval, {10, 3'600'000},
               "How often polls for jobs by their ids renew leases.");
  settings.add("poll-check-page", values.poll_check_page, {1, 100'000},
               "Job sets looked at for that at a time.");
  settings.add(
      "drain-quiet", values.drain_quiet, {0, 60'000},
      "How long no call must come before a server that drains goes: a round trip to its clients.");
}

void declare_log(RareSettings& values, base::Settings& settings) {
  settings.add("log-queue-bytes", values.log_queue_bytes, kMemoryBytes,
               "Records that wait to be stored.");
  settings.add("log-write-bytes", values.log_write_bytes, {64 << 10, 1LL << 30},
               "What one write gathers.");
  settings.add("log-poll-bytes", values.log_poll_bytes, {64 << 10, 1LL << 30},
               "What one reader is given at a time.");
  settings.add("log-open-files", values.log_open_files, {16, 1'000'000},
               "Files of the log held open.");
  settings.add("log-trim-interval", values.log_trim_interval, {100, 86'400'000},
               "How often records beyond their time are looked for.");
  settings.add("log-tombstone-retention", values.log_tombstone_retention, kPatience,
               "How long the end of a subscription stays in the log.");
  settings.add("log-tombstones-at-once", values.log_tombstones_at_once, kCount,
               "How many such ends are removed between two writes.");
  settings.add("log-resume-interval", values.log_resume_interval, {10, 60'000},
               "How often it is tried whether a full disk takes writes again.");
  settings.add("log-probe-bytes", values.log_probe_bytes, {1, 64 << 20},
               "How much is written to try it.");
  settings.add("log-doubt-after-failure", values.log_doubt_after_failure, {1000, 600'000},
               "How long after it does nothing is certain: what was refused is appended again.");
}

void declare_following(RareSettings& values, base::Settings& settings) {
  settings.add("armada-connect-timeout", values.armada_connect_timeout, {100, 600'000},
               "How long a connection to Armada may take to come about.");
  settings.add("armada-reconnect-max", values.armada_reconnect_max, {100, 600'000},
               "Longest pause before a lost connection is made again.");
  settings.add("streams-per-connection", values.streams_per_connection, {1, 100'000},
               "Streams that share a connection to Armada.");
  settings.add("armada-stream-window-bytes", values.armada_stream_window_bytes,
               {64 << 10, 1LL << 30}, "What HTTP/2 may hold of one stream before it is read.");
  settings.add("relay-read-ahead-bytes", values.relay_read_ahead_bytes, {4 << 10, 1LL << 30},
               "What a stream may read at a time.");
  settings.add("relay-known-jobs", values.relay_known_jobs, {0, 100'000'000},
               "Jobs of a job set that are counted to know that all have ended.");
  settings.add("cursor-interval", values.cursor_interval, {10, 60'000},
               "How often a job set's position is stored.");
  settings.add("relay-record-retry", values.relay_record_retry, {10, 600'000},
               "Pause after that could not be stored.");
  settings.add("catch-up-stall", values.catch_up_stall, kPatience,
               "A stream that brings nothing for so long while catching up is begun again.");
  settings.add("settled-after", values.settled_after, {0, 3'600'000},
               "A stream that lasted so long was no failure, whatever ended it.");
  settings.add("missing-queue-retry", values.missing_queue_retry, {100, 60'000},
               "Pause after Armada has said that it has no such queue.");
  settings.add("park-unsure-after", values.park_unsure_after, kPatience,
               "As park-after, where it is not known whether all jobs have ended.");
  settings.add("retry-first", values.retry_first, {10, 600'000},
               "First pause between attempts to reach Armada; they double.");
  settings.add("held-back-after", values.held_back_after, {10, 5000},
               "A stream whose events find no room for so long is behind: it catches up again.");
  settings.add("held-back-gap", values.held_back_gap, {1, 600'000},
               "Times without room that are no further apart count as one.");
  settings.add("relay-records-in-flight", values.relay_records_in_flight, {1, 100'000},
               "Records of relays and subscriptions that are being stored at once.");
  settings.add("subscriptions-batch", values.subscriptions_batch, {1, 1'000'000},
               "Subscriptions taken from the log at a time.");
  settings.add("subscriptions-poll-wait", values.subscriptions_poll_wait, {1, 60'000},
               "How long to wait for them at a time.");
  settings.add("subscriptions-retry", values.subscriptions_retry, {1, 600'000},
               "Pause after they could not be read.");
  settings.add("replay-patience", values.replay_patience, {100, 3'600'000},
               "How long a start waits for a log that brings nothing.");
  settings.add("lease-check-pause", values.lease_check_pause, {10, 600'000},
               "Pause between two searches for subscriptions that have ended.");
  settings.add("forget-leases-after", values.forget_leases_after, kPatience,
               "A subscription that ended so long ago is removed from the log.");
  settings.add("relay-retention", values.relay_retention, kPatience,
               "A job set that nobody has followed for so long is forgotten: when somebody does "
               "again, its stream is read from the start.");
  settings.add("forget-interval", values.forget_interval, kPatience,
               "How often subscriptions and job sets to forget are looked for.");
  settings.add("forgotten-at-once", values.forgotten_at_once, kCount,
               "How many are forgotten at a time.");
}

void declare_projection(RareSettings& values, base::Settings& settings) {
  settings.add("projector-nice", values.projector_nice, {0, 19},
               "How much the threads that apply events give way to lookups.");
  settings.add("batch-records", values.batch_records, {1, 1'000'000},
               "Events taken from the log at a time.");
  settings.add("batch-bytes", values.batch_bytes, {64 << 10, 1LL << 30},
               "Events of one partition applied at a time.");
  settings.add("projector-poll-wait", values.projector_poll_wait, {1, 1000},
               "How long to wait for events; also how often freshness is renewed.");
  settings.add("projector-wal-bytes", values.projector_wal_bytes, kMemoryBytes,
               "Write-ahead logs of all databases, to be read at the next start.");
  settings.add("sweep-interval", values.sweep_interval, {100, 86'400'000},
               "Pause between two searches for jobs beyond their time.");
  settings.add("sweep-scan", values.sweep_scan, kCount, "Jobs looked at in one step of a search.");
  settings.add("sweep-delete", values.sweep_delete, kCount, "Jobs forgotten in one step.");
  settings.add("rejected-payload-bytes", values.rejected_payload_bytes, {0, 16 << 20},
               "What is kept of a record that cannot be applied.");
  settings.add("certainty-waiters", values.certainty_waiters, kCount,
               "Lookups that may wait to become sure.");
  settings.add("wakes-per-answer", values.wakes_per_answer, {1, 100'000},
               "Job sets at rest that one lookup names, to be looked at.");
  settings.add("poll-check-scan", values.poll_check_scan, kCount,
               "Job sets passed over at a time in search of those that are polled.");
  settings.add("projector-retry-first", values.projector_retry_first, {1, 600'000},
               "First pause after an error of a database or the log; they double.");
  settings.add("projector-retry-max", values.projector_retry_max, {1, 3'600'000},
               "Longest such pause.");
}

}  // namespace

void declare_rare(RareSettings& values, base::Settings& settings) {
  settings.section("Rarely needed");
  declare_clients(values, settings);
  declare_answers(values, settings);
  declare_log(values, settings);
  declare_following(values, settings);
  declare_projection(values, settings);
}

}  // namespace armada_cache::app
