#include "app/standalone.h"

#include <random>

#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"
#include "ingest/ingest.h"
#include "projector/projector.h"
#include "query/query_server.h"

namespace armada_cache::app {

using base::Status;

Standalone::Standalone(const StandaloneSettings& settings, base::Metrics& metrics)
    : settings_(settings),
      metrics_(metrics),
      log_writable_(metrics.gauge("log_writable", "1 while the log stores what is appended, else 0")
                        .Add({})) {}

Standalone::~Standalone() = default;

Status Standalone::start(Starting& starting) {
  for (const auto step : {&Standalone::start_log, &Standalone::start_projector,
                          &Standalone::start_ingest, &Standalone::start_query}) {
    if (starting.given_up()) return starting.cancelled();
    if (auto started = (this->*step)(starting); !started) return started;
  }
  return {};
}

Status Standalone::start_log(Starting&) {
  auto opened = eventlog::embedded::open_embedded_log(settings_.log);
  if (!opened) return tl::unexpected(opened.error());
  log_ = std::move(*opened);
  for (const auto& topic :
       topics::topic_specs(settings_.topics.partitions, settings_.topics.event_retention)) {
    if (auto ensured = log_->ensure_topic(topic); !ensured) return ensured;
  }
  return {};
}

Status Standalone::start_projector(Starting&) {
  auto opened =
      projector::Projector::open(settings_.projector, *log_, base::kSystemClock, metrics_);
  if (!opened) return tl::unexpected(opened.error());
  projector_ = std::move(*opened);
  return projector_->start();
}

Status Standalone::start_ingest(Starting& starting) {
  ingest_ = std::make_unique<ingest::Ingest>(settings_.ingest, *log_, base::kSystemClock, metrics_,
                                             std::random_device()());
  if (auto started = ingest_->start(); !started) return started;
  const auto partitions = all_partitions(settings_.topics);
  return ingest_->assign({partitions.begin(), partitions.end()}, 0,
                         [&] { return starting.given_up(); });
}

Status Standalone::start_query(Starting&) {
  query_ = std::make_unique<query::QueryServer>(settings_.query, projector_->reader(), *log_,
                                                base::kSystemClock, metrics_);
  auto started = query_->start();
  if (!started) return tl::unexpected(started.error());
  grpc_address_ = *started;
  return {};
}

// It has to read who subscribes to what before it can tell what it does not know.
Status Standalone::is_up() const {
  if (auto writable = log_->writable(); !writable) return writable;
  if (!query_->ready()) {
    return base::fail(base::ErrorCode::kUnavailable, "it is still reading who subscribes to what");
  }
  return {};
}

// A partition that stands still from the start on does not keep the others from being served.
Status Standalone::ready() const {
  auto up = is_up();
  return up ? projector_->advances() : up;
}

void Standalone::update_metrics() {
  log_writable_.Set(log_->writable() ? 1 : 0);
}

// Requests may need the relays, so these stop after them, with a share of the time that is theirs
// alone.
void Standalone::stop(std::chrono::steady_clock::time_point until) {
  if (query_) query_->stop(until - settings_.process.drain_timeout / 4);
  if (ingest_) ingest_->stop(until);
  if (projector_) projector_->stop(until);
}

}  // namespace armada_cache::app
