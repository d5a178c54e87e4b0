// Parts of the cache in this process, as `armada-cache standalone` wires them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "projector/projector.h"
#include "query/query_server.h"

namespace armada_cache::bench {

// An embedded log and a projector over it, in one folder.
class Store {
 public:
  static base::Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory);
  ~Store();

  eventlog::EventLog& log() { return *log_; }
  projector::Projector& projector() { return *projector_; }
  base::Metrics& metrics() { return metrics_; }
  const base::Metrics& metrics() const { return metrics_; }
  const base::Clock& clock() const { return clock_; }

 private:
  Store() = default;
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<projector::Projector> projector_;
};

// The query tier over a store, which must outlive it, on a free loopback port.
struct LookupServer {
  std::unique_ptr<query::QueryServer> server;
  std::string address;
};
base::Result<LookupServer> start_lookups(Store& store);

// Waits until lookups show each of the jobs in this state (api.JobState). kDeadlineExceeded.
base::Status await_state(lookup::JobReader& reader, const std::vector<std::uint64_t>& jobs,
                         int state, std::chrono::seconds deadline);

}  // namespace armada_cache::bench
