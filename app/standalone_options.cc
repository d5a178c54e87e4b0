#include "app/standalone_options.h"

#include <filesystem>
#include <numeric>

namespace armada_cache::app {
namespace {

using eventlog::Partition;

Partition partition_count(const StandaloneSettings& settings) {
  return static_cast<Partition>(settings.partitions);
}

std::vector<Partition> all_partitions(const StandaloneSettings& settings) {
  std::vector<Partition> partitions(static_cast<std::size_t>(settings.partitions));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

std::size_t size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

std::chrono::seconds seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time);
}

rpc::Credentials armada_credentials(const StandaloneSettings& settings) {
  if (!settings.armada_user.empty()) {
    return {rpc::CredentialKind::kBasic, settings.armada_user, settings.armada_password_file};
  }
  if (!settings.armada_token_file.empty()) {
    return {rpc::CredentialKind::kBearer, "", settings.armada_token_file};
  }
  return {};
}

rpc::ChannelOptions armada_channel(const StandaloneSettings& settings) {
  rpc::ChannelOptions channel;
  channel.target = settings.armada;
  channel.tls = settings.armada_tls;
  channel.ca_file = settings.armada_ca_file;
  channel.allow_plaintext_credentials = settings.armada_plaintext_credentials;
  channel.keepalive_time = settings.armada_keepalive_time;
  channel.keepalive_timeout = settings.armada_keepalive_timeout;
  channel.connect_timeout = settings.rare.armada_connect_timeout;
  channel.max_reconnect_backoff = settings.rare.armada_reconnect_max;
  channel.stream_window_bytes = settings.rare.armada_stream_window_bytes.count;
  channel.max_receive_bytes = settings.armada_max_message_bytes.count;
  return channel;
}

ingest::RelayTimes relay_times(const StandaloneSettings& settings) {
  ingest::RelayTimes times;
  times.backoff = {settings.rare.retry_first, settings.retry_max};
  times.refused_retry = settings.refused_retry;
  times.catch_up_stall = settings.rare.catch_up_stall;
  times.settled_after = settings.rare.settled_after;
  times.held_back_after = settings.rare.held_back_after;
  times.held_back_gap = settings.rare.held_back_gap;
  times.silence_of_the_dead = settings.armada_keepalive_time + settings.armada_keepalive_timeout;
  times.park_after = settings.park_after;
  times.park_unsure_after = settings.rare.park_unsure_after;
  times.parked_look = settings.park_check;
  times.missing_queue_retry = settings.rare.missing_queue_retry;
  return times;
}

ingest::HubOptions hub_options(const StandaloneSettings& settings) {
  ingest::HubOptions hub;
  hub.max_job_sets = size(settings.max_job_sets);
  hub.forget_leases_after = settings.rare.forget_leases_after;
  hub.relay_retention = settings.rare.relay_retention;
  hub.forget_interval = settings.rare.forget_interval;
  hub.lease_check_pause = settings.rare.lease_check_pause;
  hub.forgotten_at_once = size(settings.rare.forgotten_at_once);
  hub.records.backoff = {settings.rare.retry_first, settings.retry_max};
  hub.records.in_flight = size(settings.rare.relay_records_in_flight);
  return hub;
}

rpc::ServerSettings server_settings(const StandaloneSettings& settings) {
  rpc::ServerSettings server;
  server.listen = settings.grpc_listen;
  server.tls_certificate_file = settings.tls_certificate_file;
  server.tls_key_file = settings.tls_key_file;
  server.max_connections = size(settings.max_connections);
  server.max_metadata_bytes = static_cast<int>(settings.rare.max_metadata_bytes.count);
  server.max_concurrent_streams = static_cast<int>(settings.max_streams);
  server.max_receive_bytes = static_cast<int>(settings.rare.max_request_bytes.count);
  server.max_send_bytes = static_cast<int>(settings.rare.max_answer_bytes.count);
  server.memory_bytes = settings.rare.connection_memory_bytes.count;
  server.handshake_timeout = settings.rare.handshake_timeout;
  server.max_connection_idle = settings.rare.connection_idle;
  server.max_connection_age = settings.rare.connection_age;
  server.max_connection_age_grace = settings.rare.connection_age_grace;
  server.keepalive_time = settings.rare.client_keepalive_time;
  server.keepalive_timeout = settings.rare.client_keepalive_timeout;
  server.min_client_ping_interval = settings.rare.min_client_ping_interval;
  server.max_ping_strikes = static_cast<int>(settings.rare.max_ping_strikes);
  return server;
}

}  // namespace

eventlog::embedded::EmbeddedLogOptions log_options(const StandaloneSettings& settings,
                                                   const base::Clock& clock) {
  eventlog::embedded::EmbeddedLogOptions options{
      .directory = std::filesystem::path(settings.data_dir) / "log", .clock = clock};
  options.write_buffer_bytes = settings.log_write_buffer_bytes.count;
  options.cache_bytes = settings.log_cache_bytes.count;
  options.max_open_files = static_cast<int>(settings.rare.log_open_files);
  options.max_queued_bytes = settings.rare.log_queue_bytes.count;
  options.max_write_bytes = settings.rare.log_write_bytes.count;
  options.max_poll_bytes = settings.rare.log_poll_bytes.count;
  options.sync_every_batch = settings.sync_log;
  options.trim_interval = settings.rare.log_trim_interval;
  options.tombstone_retention = settings.rare.log_tombstone_retention;
  options.tombstones_per_step = size(settings.rare.log_tombstones_at_once);
  options.resume_interval = settings.rare.log_resume_interval;
  options.probe_bytes = settings.rare.log_probe_bytes.count;
  options.doubt_after_failure = settings.rare.log_doubt_after_failure;
  return options;
}

projector::Options projector_options(const StandaloneSettings& settings) {
  projector::Options options;
  options.data_dir = settings.data_dir;
  options.partition_count = partition_count(settings);
  options.partitions = all_partitions(settings);
  options.worker_threads = size(settings.projector_threads);
  options.worker_nice = static_cast<int>(settings.rare.projector_nice);
  options.batch_max_records = size(settings.rare.batch_records);
  options.batch_max_bytes = settings.rare.batch_bytes.count;
  options.poll_wait = settings.rare.projector_poll_wait;
  options.block_cache_bytes = settings.block_cache_bytes.count;
  options.write_buffer_bytes = settings.projector_write_buffer_bytes.count;
  options.wal_max_bytes = settings.rare.projector_wal_bytes.count;
  options.live_table_max_bytes = settings.live_jobs_bytes.count;
  options.finished_table_max_bytes = settings.finished_jobs_bytes.count;
  options.retention = settings.job_retention;
  options.sweep_interval = settings.rare.sweep_interval;
  options.sweep_scan_max = size(settings.rare.sweep_scan);
  options.sweep_delete_max = size(settings.rare.sweep_delete);
  options.rejected_records_max = size(settings.rejected_records);
  options.rejected_payload_max_bytes = settings.rare.rejected_payload_bytes.count;
  options.reader_threads = size(settings.reader_threads);
  options.reader_queue_max = size(settings.reader_queue);
  options.list_scan_max = size(settings.rare.list_scan);
  options.certainty_wait = settings.certainty_wait;
  options.certainty_waiters_max = size(settings.rare.certainty_waiters);
  options.resting_named_max = size(settings.rare.wakes_per_answer);
  options.asked_scan_max = size(settings.rare.poll_check_scan);
  options.retry_first = settings.rare.projector_retry_first;
  options.retry_max = settings.rare.projector_retry_max;
  return options;
}

ingest::Options ingest_options(const StandaloneSettings& settings) {
  ingest::Options options;
  options.armada = armada_channel(settings);
  options.credentials = armada_credentials(settings);
  options.channels.streams_per_channel = size(settings.rare.streams_per_connection);
  options.relay.cluster = settings.cluster;
  options.relay.partitions = partition_count(settings);
  options.relay.times = relay_times(settings);
  options.relay.buffer_bytes = settings.relay_buffer_bytes.count;
  options.relay.read_ahead_bytes = settings.rare.relay_read_ahead_bytes.count;
  options.relay.census_jobs = size(settings.rare.relay_known_jobs);
  options.relay.cursor_interval = settings.rare.cursor_interval;
  options.relay.record_retry = settings.rare.relay_record_retry;
  options.hub = hub_options(settings);
  options.replay_patience = settings.rare.replay_patience;
  options.follow = {.batch_records = size(settings.rare.subscriptions_batch),
                    .poll_wait = settings.rare.subscriptions_poll_wait,
                    .retry_pause = settings.rare.subscriptions_retry};
  options.buffer_bytes_total = settings.relay_buffer_bytes_total.count;
  options.drain_timeout = settings.drain_timeout;
  return options;
}

query::QueryOptions query_options(const StandaloneSettings& settings) {
  query::QueryOptions options;
  options.server = server_settings(settings);
  options.access = settings.access == "open" ? query::Access::kOpen : query::Access::kLoopbackOnly;
  options.call_deadline = settings.call_deadline;
  options.doubt_interval = settings.rare.certainty_interval;
  options.doubt_budget = settings.certainty_wait;
  options.retry_after = settings.rare.retry_after;
  options.max_calls = static_cast<int>(settings.max_calls);
  options.worker_threads = size(settings.query_threads);
  options.worker_queue_limit = size(settings.query_queue);
  options.inline_ids = size(settings.rare.inline_ids);
  options.status_slots = static_cast<int>(settings.rare.status_slots);
  options.default_page_size = size(settings.rare.default_page_size);
  options.max_page_size = size(settings.rare.max_page_size);
  options.partitions = partition_count(settings);
  options.default_lease = seconds(settings.lease);
  options.max_lease = seconds(settings.max_lease);
  options.poll_lease = seconds(settings.poll_lease);
  options.max_subscriptions = size(settings.max_subscriptions);
  options.relay_ask_after = settings.rare.relay_ask_after;
  options.wake_interval = settings.rare.wake_interval;
  options.woken_max = size(settings.rare.max_wakes);
  options.asked_interval = settings.rare.poll_check_interval;
  options.asked_page = size(settings.rare.poll_check_page);
  options.drain_quiet = settings.rare.drain_quiet;
  options.drain_deadline = settings.drain_timeout;
  return options;
}

HttpServerOptions http_options(const StandaloneSettings& settings) {
  HttpServerOptions options;
  options.listen = settings.http_listen;
  options.max_connections = size(settings.rare.http_max_connections);
  options.request_timeout = settings.rare.http_request_timeout;
  return options;
}

}  // namespace armada_cache::app
