// What becomes of questions to projectors.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "core/base/metrics.h"

namespace armada_cache::query {

// Thread-safe. Projectors beyond a number that no deployment has are counted together.
class RoutingMetrics {
 public:
  explicit RoutingMetrics(base::Metrics& metrics);

  void answered(const std::string& target, std::chrono::duration<double> after);
  void failed(const std::string& target);
  // It answered, but with less than was answered before.
  void behind(const std::string& target);
  // It answered, but stands still or is far behind the log.
  void lagged(const std::string& target);
  void hedged() { hedges_.Increment(); }
  void failed_over() { failovers_.Increment(); }
  // A question waits for a copy that is far enough.
  void waited() { waits_.Increment(); }

 private:
  struct Figures {
    prometheus::Counter* answered = nullptr;
    prometheus::Counter* failed = nullptr;
    prometheus::Counter* behind = nullptr;
    prometheus::Counter* lagged = nullptr;
    prometheus::Histogram* seconds = nullptr;
  };
  Figures of(const std::string& target);

  base::Metrics::CounterFamily& asked_;
  base::Metrics::HistogramFamily& seconds_;
  prometheus::Counter& hedges_;
  prometheus::Counter& failovers_;
  prometheus::Counter& waits_;
  std::mutex mutex_;
  std::map<std::string, Figures> known_;
};

}  // namespace armada_cache::query
