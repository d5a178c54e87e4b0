#include "core/rpc/calls/call_metrics.h"

#include <algorithm>

#include "core/rpc/status.h"

namespace armada_cache::rpc {

CallFamilies::CallFamilies(base::Metrics& metrics)
    : calls(metrics.counter("lookups_total", "Calls answered, by method and gRPC code")),
      seconds(
          metrics.histogram("lookup_seconds", "From a call's arrival to its answer, by method")) {}

CallMetrics::CallMetrics(CallFamilies& families, std::string method)
    : families_(families),
      method_(std::move(method)),
      seconds_(families.seconds.Add({{"method", method_}}, base::latency_buckets())) {}

void CallMetrics::answered(int grpc_code, std::chrono::steady_clock::duration took) {
  counter_of(grpc_code).Increment();
  seconds_.Observe(std::chrono::duration<double>(took).count());
}

prometheus::Counter& CallMetrics::counter_of(int grpc_code) {
  const auto index = std::min(static_cast<std::size_t>(grpc_code), by_code_.size() - 1);
  prometheus::Counter* counter = by_code_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Add() answers the same counter to whoever asks with the same labels.
    counter =
        &families_.calls.Add({{"method", method_}, {"code", std::string(name_of_code(grpc_code))}});
    by_code_[index].store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace armada_cache::rpc
