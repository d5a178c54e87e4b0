#include "app/standalone.h"

#include <filesystem>
#include <numeric>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "app/http_server.h"
#include "core/base/address.h"
#include "core/base/log.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"
#include "ingest/ingest.h"
#include "projector/projector.h"
#include "query/query_server.h"

namespace armada_cache::app {
namespace {

using base::Status;
using eventlog::Partition;

constexpr std::chrono::minutes kStartTimeout{1};
constexpr std::chrono::milliseconds kReadyPause{2};

Partition partition_count(const StandaloneSettings& settings) {
  return static_cast<Partition>(settings.partitions);
}

std::vector<Partition> all_partitions(const StandaloneSettings& settings) {
  std::vector<Partition> partitions(static_cast<std::size_t>(settings.partitions));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

eventlog::embedded::EmbeddedLogOptions log_options(const StandaloneSettings& settings,
                                                   const base::Clock& clock) {
  eventlog::embedded::EmbeddedLogOptions options{
      .directory = std::filesystem::path(settings.data_dir) / "log", .clock = clock};
  options.write_buffer_bytes = settings.log_write_buffer_bytes.count;
  options.cache_bytes = settings.log_cache_bytes.count;
  options.sync_every_batch = settings.sync_log;
  return options;
}

projector::Options projector_options(const StandaloneSettings& settings) {
  projector::Options options;
  options.data_dir = settings.data_dir;
  options.partition_count = partition_count(settings);
  options.partitions = all_partitions(settings);
  options.worker_threads = static_cast<std::size_t>(settings.projector_threads);
  options.block_cache_bytes = settings.block_cache_bytes.count;
  options.write_buffer_bytes = settings.projector_write_buffer_bytes.count;
  options.live_table_max_bytes = settings.live_jobs_bytes.count;
  options.retention = settings.job_retention;
  options.rejected_records_max = static_cast<std::size_t>(settings.rejected_records);
  options.certainty_wait = settings.certainty_wait;
  return options;
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

ingest::Options ingest_options(const StandaloneSettings& settings) {
  ingest::Options options;
  options.armada.target = settings.armada;
  options.armada.tls = settings.armada_tls;
  options.armada.ca_file = settings.armada_ca_file;
  options.armada.allow_plaintext_credentials = settings.armada_plaintext_credentials;
  options.armada.keepalive_time = settings.armada_keepalive_time;
  options.armada.keepalive_timeout = settings.armada_keepalive_timeout;
  options.armada.max_receive_bytes = settings.armada_max_message_bytes.count;
  options.credentials = armada_credentials(settings);
  options.relay.cluster = settings.cluster;
  options.relay.partitions = partition_count(settings);
  options.relay.buffer_bytes = settings.relay_buffer_bytes.count;
  options.relay.times.backoff.max = settings.retry_max;
  options.relay.times.refused_retry = settings.refused_retry;
  options.relay.times.park_after = settings.park_after;
  options.relay.times.parked_look = settings.park_check;
  options.relay.times.silence_of_the_dead =
      settings.armada_keepalive_time + settings.armada_keepalive_timeout;
  options.hub.max_job_sets = static_cast<std::size_t>(settings.max_job_sets);
  options.buffer_bytes_total = settings.relay_buffer_bytes_total.count;
  options.drain_timeout = settings.drain_timeout;
  return options;
}

query::QueryOptions query_options(const StandaloneSettings& settings) {
  query::QueryOptions options;
  options.server.listen = settings.grpc_listen;
  options.server.tls_certificate_file = settings.tls_certificate_file;
  options.server.tls_key_file = settings.tls_key_file;
  options.server.max_concurrent_streams = static_cast<int>(settings.max_streams);
  options.access = settings.access == "open" ? query::Access::kOpen : query::Access::kLoopbackOnly;
  options.call_deadline = settings.call_deadline;
  options.doubt_budget = settings.certainty_wait;
  options.partitions = partition_count(settings);
  options.default_lease = std::chrono::duration_cast<std::chrono::seconds>(settings.lease);
  options.poll_lease = std::chrono::duration_cast<std::chrono::seconds>(settings.poll_lease);
  options.drain_deadline = settings.drain_timeout;
  return options;
}

}  // namespace

// In the order of being started; destroyed the other way round.
class Standalone::Parts {
 public:
  explicit Parts(const StandaloneSettings& settings) : settings_(settings) {}

  Status start() {
    for (const auto step : {&Parts::start_log, &Parts::start_projector, &Parts::start_ingest,
                            &Parts::start_query, &Parts::start_http, &Parts::await_ready}) {
      if (auto started = (this->*step)(); !started) return started;
    }
    return {};
  }

  void stop() {
    if (query_) query_->stop();
    if (ingest_) ingest_->stop();
    if (projector_) projector_->stop();
  }

  const std::string& grpc_address() const { return grpc_address_; }
  std::string http_address() const {
    return base::parse_address(settings_.http_listen)->host + ":" + std::to_string(http_->port());
  }

 private:
  Status start_log() {
    auto opened = eventlog::embedded::open_embedded_log(log_options(settings_, clock_));
    if (!opened) return tl::unexpected(opened.error());
    log_ = std::move(*opened);
    for (const auto& topic :
         topics::topic_specs(partition_count(settings_), settings_.event_retention)) {
      if (auto ensured = log_->ensure_topic(topic); !ensured) return ensured;
    }
    return {};
  }

  Status start_projector() {
    auto opened = projector::Projector::open(projector_options(settings_), *log_, clock_, metrics_);
    if (!opened) return tl::unexpected(opened.error());
    projector_ = std::move(*opened);
    return projector_->start();
  }

  Status start_ingest() {
    ingest_ = std::make_unique<ingest::Ingest>(ingest_options(settings_), *log_, clock_, metrics_,
                                               std::random_device()());
    if (auto started = ingest_->start(); !started) return started;
    const auto partitions = all_partitions(settings_);
    return ingest_->assign({partitions.begin(), partitions.end()});
  }

  Status start_query() {
    query_ = std::make_unique<query::QueryServer>(query_options(settings_), projector_->reader(),
                                                  *log_, clock_, metrics_);
    auto started = query_->start();
    if (!started) return tl::unexpected(started.error());
    grpc_address_ = *started;
    return {};
  }

  Status start_http() {
    HttpServerOptions options;
    options.listen = settings_.http_listen;
    auto started = HttpServer::start(
        options, {[this] { return ready(); }, [this] { return metrics_.text(); }});
    if (!started) return tl::unexpected(started.error());
    http_ = std::move(*started);
    return {};
  }

  // It has to read who subscribes to what before it can tell what it does not know.
  Status await_ready() {
    const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
    while (!query_->ready()) {
      if (std::chrono::steady_clock::now() >= deadline) return ready();
      std::this_thread::sleep_for(kReadyPause);
    }
    return {};
  }

  Status ready() const {
    if (query_->ready()) return {};
    return base::fail(base::ErrorCode::kUnavailable,
                      "the query tier does not serve: it is still reading the subscriptions, or is "
                      "being stopped");
  }

  const StandaloneSettings settings_;
  const base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<projector::Projector> projector_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<query::QueryServer> query_;
  std::unique_ptr<HttpServer> http_;
  std::string grpc_address_;
};

base::Result<std::unique_ptr<Standalone>> Standalone::start(const StandaloneSettings& settings) {
  if (auto checked = check(settings); !checked) return tl::unexpected(checked.error());
  auto parts = std::make_unique<Parts>(settings);
  if (auto started = parts->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<Standalone>(new Standalone(std::move(parts)));
}

Standalone::Standalone(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Standalone::~Standalone() {
  stop();
}
const std::string& Standalone::grpc_address() const {
  return parts_->grpc_address();
}
std::string Standalone::http_address() const {
  return parts_->http_address();
}
void Standalone::stop() {
  parts_->stop();
}

}  // namespace armada_cache::app
