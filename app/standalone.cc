#include "app/standalone.h"

#include <random>
#include <thread>

#include "app/http_server.h"
#include "app/standalone_options.h"
#include "core/base/address.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"
#include "ingest/ingest.h"
#include "projector/projector.h"
#include "query/query_server.h"

namespace armada_cache::app {
namespace {

using base::Status;

constexpr std::chrono::milliseconds kReadyPause{2};

}  // namespace

// In the order of being started; destroyed the other way round.
class Standalone::Parts {
 public:
  explicit Parts(const StandaloneSettings& settings) : settings_(settings) {}

  Status start(const std::function<bool()>& give_up) {
    give_up_ = &give_up;
    for (const auto step : {&Parts::start_log, &Parts::start_projector, &Parts::start_ingest,
                            &Parts::start_query, &Parts::start_http, &Parts::await_ready}) {
      if (give_up()) return given_up();
      if (auto started = (this->*step)(); !started) return started;
    }
    return {};
  }

  // One deadline for all. Requests may need the relays, so these stop after them, with a share of
  // the time that is theirs alone.
  void stop() {
    const auto deadline = std::chrono::steady_clock::now() + settings_.drain_timeout;
    if (query_) query_->stop(deadline - settings_.drain_timeout / 4);
    if (ingest_) ingest_->stop(deadline);
    if (projector_) projector_->stop(deadline);
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
    for (const auto& topic : topics::topic_specs(
             static_cast<eventlog::Partition>(settings_.partitions), settings_.event_retention)) {
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
    const auto partitions = projector_options(settings_).partitions;
    return ingest_->assign({partitions.begin(), partitions.end()}, *give_up_);
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
    auto started = HttpServer::start(http_options(settings_),
                                     {[this] { return ready(); }, [this] { return scrape(); }});
    if (!started) return tl::unexpected(started.error());
    http_ = std::move(*started);
    return {};
  }

  // It has to read who subscribes to what before it can tell what it does not know.
  Status await_ready() {
    const auto deadline = std::chrono::steady_clock::now() + settings_.start_timeout;
    for (;;) {
      if ((*give_up_)()) return given_up();
      auto is_ready = ready();
      if (is_ready || std::chrono::steady_clock::now() >= deadline) return is_ready;
      std::this_thread::sleep_for(kReadyPause);
    }
  }

  static Status given_up() {
    return base::fail(base::ErrorCode::kCancelled, "told to stop before it was ready");
  }

  std::string scrape() {
    log_writable_.Set(log_->writable() ? 1 : 0);
    return metrics_.text();
  }

  Status ready() const {
    if (auto writable = log_->writable(); !writable) return writable;
    if (query_->ready()) return {};
    return base::fail(base::ErrorCode::kUnavailable,
                      "the query tier does not serve: it is still reading the subscriptions, or is "
                      "being stopped");
  }

  const StandaloneSettings settings_;
  const std::function<bool()>* give_up_ = nullptr;  // while it starts
  const base::SystemClock clock_;
  base::Metrics metrics_;
  prometheus::Gauge& log_writable_ =
      metrics_.gauge("log_writable", "1 while the log stores what is appended, else 0").Add({});
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<projector::Projector> projector_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<query::QueryServer> query_;
  std::unique_ptr<HttpServer> http_;
  std::string grpc_address_;
};

base::Result<std::unique_ptr<Standalone>> Standalone::start(const StandaloneSettings& settings,
                                                            const std::function<bool()>& give_up) {
  if (auto checked = check(settings); !checked) return tl::unexpected(checked.error());
  auto parts = std::make_unique<Parts>(settings);
  if (auto started = parts->start(give_up); !started) {
    parts->stop();
    return tl::unexpected(started.error());
  }
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
