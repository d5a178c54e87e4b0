// The settings of `armada-cache standalone`: declared once, turned into each part's options.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "app/rare_settings.h"
#include "core/base/error.h"
#include "core/base/settings.h"

namespace armada_cache::app {

struct StandaloneSettings {
  std::string armada;
  std::string data_dir;
  std::string cluster = "armada";
  std::string log_level = "info";

  bool armada_tls = false;
  std::string armada_ca_file;
  std::string armada_user;
  std::string armada_password_file;
  std::string armada_token_file;
  bool armada_plaintext_credentials = false;
  base::Bytes armada_max_message_bytes{16U << 20};
  std::chrono::milliseconds armada_keepalive_time = std::chrono::seconds(12);
  std::chrono::milliseconds armada_keepalive_timeout = std::chrono::seconds(5);

  std::string grpc_listen = "127.0.0.1:60003";
  std::string http_listen = "127.0.0.1:60080";
  std::string access = "loopback";
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::int64_t max_connections = 10'000;
  std::int64_t max_streams = 100;
  std::int64_t max_calls = 4096;
  std::int64_t query_threads = 2;
  std::int64_t query_queue = 4096;
  std::chrono::milliseconds call_deadline = std::chrono::seconds(10);
  std::chrono::milliseconds certainty_wait{250};
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds start_timeout = std::chrono::minutes(1);

  std::int64_t partitions = 8;
  std::chrono::milliseconds event_retention = std::chrono::hours(24 * 7);
  bool sync_log = false;
  base::Bytes log_write_buffer_bytes{64U << 20};
  base::Bytes log_cache_bytes{32U << 20};

  base::Bytes relay_buffer_bytes{1U << 20};
  base::Bytes relay_buffer_bytes_total{48U << 20};
  std::int64_t max_job_sets = 2500;
  std::int64_t max_subscriptions = 100'000;
  std::chrono::milliseconds retry_max = std::chrono::seconds(30);
  std::chrono::milliseconds refused_retry = std::chrono::minutes(1);
  std::chrono::milliseconds park_after = std::chrono::minutes(10);
  std::chrono::milliseconds park_check = std::chrono::minutes(5);

  std::int64_t projector_threads = 2;
  std::int64_t reader_threads = 2;
  std::int64_t reader_queue = 1000;
  std::chrono::milliseconds job_retention = std::chrono::hours(24 * 42);
  base::Bytes live_jobs_bytes{1ULL << 30};
  base::Bytes finished_jobs_bytes{64U << 20};
  base::Bytes block_cache_bytes{64U << 20};
  base::Bytes projector_write_buffer_bytes{96U << 20};
  std::int64_t rejected_records = 1000;

  std::chrono::milliseconds lease = std::chrono::minutes(30);
  std::chrono::milliseconds poll_lease = std::chrono::minutes(15);
  std::chrono::milliseconds max_lease = std::chrono::hours(24 * 7);

  RareSettings rare;
};

// Declares every setting; `values` must outlive `settings`.
void declare(StandaloneSettings& values, base::Settings& settings);

// What cannot be seen from one setting alone. kInvalidArgument names the settings at odds.
base::Status check(const StandaloneSettings& values);

}  // namespace armada_cache::app
