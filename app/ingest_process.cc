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
  return settings_.partitions_here.empty() ? join_group() : take_given(starting);
}

base::Status IngestProcess::take_given(Starting& starting) {
  const auto here = partitions_here(settings_.partitions_here, settings_.topics);
  return starting.retry([&] {
    return ingest_->assign({here.begin(), here.end()}, 0, [&] { return starting.given_up(); });
  });
}

base::Status IngestProcess::join_group() {
  const auto kafka = kafka_log_options(settings_.kafka);
  if (!kafka) return tl::unexpected(kafka.error());
  auto share = GroupShare::join(
      "ingest", *kafka, settings_.group.share,
      {.take =
           [this](const auto& partitions, std::int64_t generation, const auto& give_up) {
             return ingest_->assign(partitions, generation, give_up);
           },
       .release = [this](const auto& partitions,
                         bool lost) { ingest_->revoke(partitions, lost); }});
  if (!share) return tl::unexpected(share.error());
  share_ = std::move(*share);
  return {};
}

base::Status IngestProcess::ready() const {
  if (share_) {
    if (auto settled = share_->settled(); !settled) return settled;
  }
  if (auto stored = ingest_->nothing_refused(); !stored) return stored;
  return log_->writable();
}

// The others of the group begin where the last cursors are.
void IngestProcess::stop(std::chrono::steady_clock::time_point until) {
  if (share_) share_->stop();
  if (ingest_) ingest_->stop(until);
  if (share_) share_->leave();
}

}  // namespace armada_cache::app
