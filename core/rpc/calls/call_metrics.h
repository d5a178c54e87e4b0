// What is counted of each method's calls.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <string>

#include "core/base/metrics.h"

namespace armada_cache::rpc {

struct CallFamilies {
  explicit CallFamilies(base::Metrics& metrics);

  base::Metrics::CounterFamily& calls;
  base::Metrics::HistogramFamily& seconds;
};

// Thread-safe.
class CallMetrics {
 public:
  CallMetrics(CallFamilies& families, std::string method);

  void answered(int grpc_code, std::chrono::steady_clock::duration took);

 private:
  prometheus::Counter& counter_of(int grpc_code);

  CallFamilies& families_;
  const std::string method_;
  prometheus::Histogram& seconds_;
  std::array<std::atomic<prometheus::Counter*>, 17> by_code_{};
};

}  // namespace armada_cache::rpc
