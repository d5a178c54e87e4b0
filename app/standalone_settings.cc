#include "app/standalone_settings.h"

#include "app/rare_settings.h"

namespace armada_cache::app {
namespace {

using base::Range;

constexpr Range kAnyTime{1000, 366LL * 86'400'000};
constexpr Range kBufferBytes{64 << 10, 1LL << 40};

void declare_basics(StandaloneSettings& values, base::Settings& settings) {
  settings.section("What it is");
  settings.add("armada", values.armada, "HOST:PORT of Armada's gRPC API. Must be set.");
  settings.add("data-dir", values.data_dir, "Folder of the log and the databases. Must be set.");
  settings.add("cluster", values.cluster, "Armada's name, in the source of every event.");
  settings.add("log-level", values.log_level, {"debug", "info", "warn", "error"},
               "Least level of the lines on standard error.");
}

void declare_armada(StandaloneSettings& values, base::Settings& settings) {
  settings.section("How to reach Armada");
  settings.add("armada-tls", values.armada_tls, "Whether the connection is encrypted.");
  settings.add("armada-ca-file", values.armada_ca_file,
               "PEM file of the CAs to trust; empty: the system's.");
  settings.add("armada-user", values.armada_user,
               "User name for basic credentials, with armada-password-file.");
  settings.add("armada-password-file", values.armada_password_file,
               "File that holds the password of armada-user.");
  settings.add("armada-token-file", values.armada_token_file,
               "File that holds a bearer token; read again when it changes.");
  settings.add("armada-plaintext-credentials", values.armada_plaintext_credentials,
               "Whether credentials may leave this machine without encryption.");
  settings.add("armada-max-message-bytes", values.armada_max_message_bytes, {1 << 20, 1LL << 30},
               "Largest event taken from Armada.");
  settings.add("armada-keepalive-time", values.armada_keepalive_time, {10'000, 3'600'000},
               "How often a connection in use is asked for a sign of life.");
  settings.add("armada-keepalive-timeout", values.armada_keepalive_timeout, {1000, 600'000},
               "How long that sign may take before the connection counts as dead.");
}

void declare_serving(StandaloneSettings& values, base::Settings& settings) {
  settings.section("How it serves");
  settings.add("grpc-listen", values.grpc_listen,
               "HOST:PORT for clients; port 0 takes a free one.");
  settings.add("http-listen", values.http_listen,
               "HOST:PORT for operators: /livez, /readyz, /metrics.");
  settings.add("access", values.access, {"loopback", "open"},
               "Who may ask: whoever is on this machine, or everybody.");
  settings.add("tls-certificate-file", values.tls_certificate_file,
               "PEM file of the certificate to serve with, with tls-key-file.");
  settings.add("tls-key-file", values.tls_key_file, "PEM file of the certificate's key.");
  settings.add("max-connections", values.max_connections, {1, 1'000'000},
               "Connections of all clients; at most half of the files that the process may open.");
  settings.add("max-streams", values.max_streams, {1, 100'000},
               "Calls that one connection may have in flight.");
  settings.add("max-calls", values.max_calls, {1, 1'000'000},
               "Calls of all connections in flight; more are turned away.");
  settings.add("query-threads", values.query_threads, {1, 256},
               "Threads for calls that one thread cannot answer in passing.");
  settings.add("query-queue", values.query_queue, {1, 1'000'000},
               "Such calls that wait for a thread; more are turned away.");
  settings.add("call-deadline", values.call_deadline, {10, 600'000},
               "No call takes longer, whatever its client allows.");
  settings.add("certainty-wait", values.certainty_wait, {0, 60'000},
               "How long a call waits to become sure that a job is unknown.");
  settings.add("drain-timeout", values.drain_timeout, {0, 600'000},
               "How long SIGTERM waits for what was begun, in all parts together.");
  settings.add("start-timeout", values.start_timeout, {1000, 86'400'000},
               "How long the start may take until it serves.");
}

void declare_log(StandaloneSettings& values, base::Settings& settings) {
  settings.section("The log");
  settings.add("partitions", values.partitions, {1, 1024},
               "Partitions of each topic; fixed when the data folder is made.");
  settings.add(
      "event-retention", values.event_retention, kAnyTime,
      "How long the log keeps events. What it no longer keeps cannot be projected again: a "
      "projection that is rebuilt lacks the jobs of older events.");
  settings.add(
      "sync-log", values.sync_log,
      "Whether an event counts as stored only when the disk has it, so that a loss of power "
      "loses nothing. Slower.");
  settings.add("log-write-buffer-bytes", values.log_write_buffer_bytes, kBufferBytes,
               "Records in memory before they go into files.");
  settings.add("log-cache-bytes", values.log_cache_bytes, kBufferBytes,
               "Blocks of the log's files in memory.");
}

void declare_ingest(StandaloneSettings& values, base::Settings& settings) {
  settings.section("Following Armada");
  settings.add("max-job-sets", values.max_job_sets, {1, 1'000'000},
               "Job sets followed at the same time.");
  settings.add("max-subscriptions", values.max_subscriptions, {1, 10'000'000},
               "Subscriptions at the same time; more are turned away.");
  settings.add("lease", values.lease, kAnyTime, "A subscription's life, where it names none.");
  settings.add("poll-lease", values.poll_lease, kAnyTime,
               "How long a poll of jobservice keeps its job set followed.");
  settings.add("max-lease", values.max_lease, kAnyTime, "The longest life a subscription gets.");
  settings.add("relay-buffer-bytes", values.relay_buffer_bytes, kBufferBytes,
               "Events read and not yet stored, a job set.");
  settings.add("relay-buffer-bytes-total", values.relay_buffer_bytes_total, kBufferBytes,
               "The same, of all job sets.");
  settings.add("retry-max", values.retry_max, {100, 3'600'000},
               "Longest pause between attempts to reach Armada.");
  settings.add("refused-retry", values.refused_retry, {100, 86'400'000},
               "Pause after Armada has refused a job set.");
  settings.add("park-after", values.park_after, {1000, 86'400'000},
               "Silence after which a job set whose jobs have all ended is let go.");
  settings.add("park-check", values.park_check, {1000, 86'400'000},
               "How often such a job set is looked at again.");
}

void declare_projector(StandaloneSettings& values, base::Settings& settings) {
  settings.section("What is kept");
  settings.add("projector-threads", values.projector_threads, {1, 256},
               "Threads that apply events.");
  settings.add("reader-threads", values.reader_threads, {1, 256},
               "Threads for lookups that must read the disk.");
  settings.add("reader-queue", values.reader_queue, {1, 1'000'000},
               "Such lookups that wait for a thread; more are turned away.");
  settings.add("job-retention", values.job_retention, kAnyTime,
               "How long a job is known after it has ended.");
  settings.add("live-jobs-bytes", values.live_jobs_bytes, kBufferBytes,
               "Memory for jobs that have not ended; more of them are read from disk.");
  settings.add("finished-jobs-bytes", values.finished_jobs_bytes, {0, 1LL << 40},
               "Memory for the states of the jobs that ended last.");
  settings.add("block-cache-bytes", values.block_cache_bytes, kBufferBytes,
               "Memory for the databases' blocks.");
  settings.add("projector-write-buffer-bytes", values.projector_write_buffer_bytes, kBufferBytes,
               "Memory for records before they go into files.");
  settings.add("rejected-records", values.rejected_records, {0, 1'000'000},
               "Records kept aside because they cannot be applied, a partition.");
}

}  // namespace

void declare(StandaloneSettings& values, base::Settings& settings) {
  declare_basics(values, settings);
  declare_armada(values, settings);
  declare_serving(values, settings);
  declare_log(values, settings);
  declare_ingest(values, settings);
  declare_projector(values, settings);
  declare_rare(values.rare, settings);
}

}  // namespace armada_cache::app
