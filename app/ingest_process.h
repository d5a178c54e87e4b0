// The composition root of `armada-cache ingest`.
#pragma once

#include <memory>
#include <string>

#include "app/group/group_share.h"
#include "app/service.h"
#include "app/settings/tiers.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "ingest/ingest.h"

namespace armada_cache::app {

class IngestProcess final : public Service {
 public:
  // The settings are checked; they and the metrics must outlive it.
  IngestProcess(const IngestSettings& settings, base::Metrics& metrics);

  base::Status start(Starting& starting) override;
  // The log takes what is appended, and its partitions are taken over.
  base::Status ready() const override;
  base::Status sound() const override { return share_ ? share_->sound() : base::Status(); }
  void update_metrics() override { log_writable_.Set(log_->writable() ? 1 : 0); }
  std::string listens_on() const override { return {}; }
  void stop(std::chrono::steady_clock::time_point until) override;

 private:
  base::Status take_given(Starting& starting);
  base::Status join_group();

  const IngestSettings& settings_;
  base::Metrics& metrics_;
  prometheus::Gauge& log_writable_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<GroupShare> share_;  // none where the partitions are given
};

}  // namespace armada_cache::app
