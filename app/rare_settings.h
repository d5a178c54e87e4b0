// The settings that hardly anybody needs: bounds and paces whose defaults fit.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/settings.h"

namespace armada_cache::app {

struct RareSettings {
  // What clients may do:
  base::Bytes max_metadata_bytes{8U << 10};
  base::Bytes max_request_bytes{4U << 20};
  base::Bytes max_answer_bytes{64U << 20};
  base::Bytes connection_memory_bytes{256U << 20};
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds connection_idle = std::chrono::minutes(15);
  std::chrono::milliseconds connection_age = std::chrono::hours(1);
  std::chrono::milliseconds connection_age_grace = std::chrono::minutes(1);
  std::chrono::milliseconds client_keepalive_time = std::chrono::minutes(2);
  std::chrono::milliseconds client_keepalive_timeout = std::chrono::seconds(20);
  std::chrono::milliseconds min_client_ping_interval = std::chrono::seconds(10);
  std::int64_t max_ping_strikes = 2;
  std::int64_t http_max_connections = 64;
  std::chrono::milliseconds http_request_timeout = std::chrono::seconds(10);

  // How calls are answered:
  std::chrono::milliseconds certainty_interval{10};
  std::chrono::milliseconds retry_after{250};
  std::int64_t inline_ids = 128;
  std::int64_t status_slots = 256;
  std::int64_t default_page_size = 100;
  std::int64_t max_page_size = 1000;
  std::int64_t list_scan = 10'000;
  std::chrono::milliseconds relay_ask_after = std::chrono::seconds(1);
  std::chrono::milliseconds wake_interval = std::chrono::seconds(2);
  std::int64_t max_wakes = 10'000;
  std::chrono::milliseconds poll_check_interval = std::chrono::seconds(5);
  std::int64_t poll_check_page = 1000;
  std::chrono::milliseconds drain_quiet{250};

  // The log:
  base::Bytes log_queue_bytes{64U << 20};
  base::Bytes log_write_bytes{4U << 20};
  base::Bytes log_poll_bytes{8U << 20};
  std::int64_t log_open_files = 512;
  std::chrono::milliseconds log_trim_interval = std::chrono::minutes(1);
  std::chrono::milliseconds log_tombstone_retention = std::chrono::hours(24);
  std::int64_t log_tombstones_at_once = 1000;
  std::chrono::milliseconds log_resume_interval{200};
  base::Bytes log_probe_bytes{64U << 10};
  std::chrono::milliseconds log_doubt_after_failure = std::chrono::seconds(3);

  // Following Armada:
  std::chrono::milliseconds armada_connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds armada_reconnect_max = std::chrono::seconds(5);
  std::int64_t streams_per_connection = 90;
  base::Bytes armada_stream_window_bytes{256U << 10};
  base::Bytes relay_read_ahead_bytes{64U << 10};
  std::int64_t relay_known_jobs = 100'000;
  std::chrono::milliseconds cursor_interval{250};
  std::chrono::milliseconds relay_record_retry = std::chrono::seconds(1);
  std::chrono::milliseconds catch_up_stall = std::chrono::minutes(2);
  std::chrono::milliseconds settled_after = std::chrono::seconds(10);
  std::chrono::milliseconds missing_queue_retry = std::chrono::seconds(10);
  std::chrono::milliseconds park_unsure_after = std::chrono::hours(1);
  std::chrono::milliseconds retry_first{250};
  std::chrono::milliseconds held_back_after = std::chrono::seconds(1);
  std::chrono::milliseconds held_back_gap{200};
  std::int64_t relay_records_in_flight = 256;
  std::int64_t subscriptions_batch = 1000;
  std::chrono::milliseconds subscriptions_poll_wait = std::chrono::seconds(1);
  std::chrono::milliseconds subscriptions_retry{500};
  std::chrono::milliseconds replay_patience = std::chrono::seconds(30);
  std::chrono::milliseconds lease_check_pause = std::chrono::seconds(1);
  std::chrono::milliseconds forget_leases_after = std::chrono::hours(1);
  std::chrono::milliseconds relay_retention = std::chrono::hours(24 * 7);
  std::chrono::milliseconds forget_interval = std::chrono::minutes(1);
  std::int64_t forgotten_at_once = 1000;

  // The projection:
  std::int64_t projector_nice = 5;
  std::int64_t batch_records = 5000;
  base::Bytes batch_bytes{16U << 20};
  std::chrono::milliseconds projector_poll_wait{5};
  base::Bytes projector_wal_bytes{128U << 20};
  std::chrono::milliseconds sweep_interval = std::chrono::minutes(10);
  std::int64_t sweep_scan = 2000;
  std::int64_t sweep_delete = 200;
  base::Bytes rejected_payload_bytes{4096};
  std::int64_t certainty_waiters = 10'000;
  std::int64_t wakes_per_answer = 64;
  std::int64_t poll_check_scan = 10'000;
  std::chrono::milliseconds projector_retry_first{100};
  std::chrono::milliseconds projector_retry_max = std::chrono::seconds(10);
};

// Declares them in a section of their own; to be called last. `values` must outlive `settings`.
void declare_rare(RareSettings& values, base::Settings& settings);

}  // namespace armada_cache::app
