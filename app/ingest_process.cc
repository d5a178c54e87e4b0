#include "app/ingest_process.h"

#include <random>

#include "app/kafka_start.h"

namespace armada_cache::app {

IngestProcess::IngestProcess(const IngestSettings& settings, base::Metrics& metrics)
    : settings_(settings),
      metrics_(metrics),
      log_writable_(metrics.gauge("log_writable", "1 while the log stores what is appended, else 0")
                        .Add({})) {}

base::Status IngestProcess::start(Starting& starting) {
  auto log = start_kafka_log(settings_.kafka, settings_.topics, starting);
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  ingest_ = std::make_unique<ingest::Ingest>(settings_.ingest, *log_, base::kSystemClock, metrics_,
                                             std::random_device()());
  if (auto started = ingest_->start(); !started) return started;
  const auto here = partitions_here(settings_.partitions_here, settings_.topics);
  return starting.retry([&] {
    return ingest_->assign({here.begin(), here.end()}, 0, [&] { return starting.given_up(); });
  });
}

void IngestProcess::stop(std::chrono::steady_clock::time_point until) {
  if (ingest_) ingest_->stop(until);
}

}  // namespace armada_cache::app
