// The composition root of `armada-cache standalone`: wires the tiers to an embedded log and to each
// other. Nothing else knows which adapter stands behind which port.
#pragma once

#include <memory>
#include <string>

#include "app/service.h"
#include "app/settings/standalone.h"
#include "core/base/metrics.h"

namespace armada_cache::eventlog {
class EventLog;
}
namespace armada_cache::ingest {
class Ingest;
}
namespace armada_cache::projector {
class Projector;
}
namespace armada_cache::query {
class QueryServer;
}

namespace armada_cache::app {

class Standalone final : public Service {
 public:
  // The settings are checked; they and the metrics must outlive it.
  Standalone(const StandaloneSettings& settings, base::Metrics& metrics);
  ~Standalone() override;

  base::Status start(Starting& starting) override;
  base::Status is_up() const override;
  base::Status ready() const override;
  void update_metrics() override;
  std::string listens_on() const override { return "grpc " + grpc_address_; }
  void stop(std::chrono::steady_clock::time_point until) override;

 private:
  base::Status start_log(Starting& starting);
  base::Status start_projector(Starting& starting);
  base::Status start_ingest(Starting& starting);
  base::Status start_query(Starting& starting);

  const StandaloneSettings& settings_;
  base::Metrics& metrics_;
  prometheus::Gauge& log_writable_;
  // In the order of being started; destroyed the other way round.
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<projector::Projector> projector_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<query::QueryServer> query_;
  std::string grpc_address_;
};

}  // namespace armada_cache::app
