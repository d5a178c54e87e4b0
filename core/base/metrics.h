// The process's metrics, in Prometheus's model. Families are registered once, by who owns them.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

namespace armada_cache::base {

// Everything is thread-safe. References to families and metrics live as long as the Metrics.
class Metrics {
 public:
  using CounterFamily = prometheus::Family<prometheus::Counter>;
  using GaugeFamily = prometheus::Family<prometheus::Gauge>;
  using HistogramFamily = prometheus::Family<prometheus::Histogram>;

  Metrics();

  // Names are without the prefix "armada_cache_", which is added here.
  CounterFamily& counter(const std::string& name, const std::string& help);
  GaugeFamily& gauge(const std::string& name, const std::string& help);
  HistogramFamily& histogram(const std::string& name, const std::string& help);

  // What a scrape of /metrics answers: Prometheus's text format.
  std::string text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

// Bucket bounds in seconds for latencies from 50 us to 30 s.
std::vector<double> latency_buckets();

}  // namespace armada_cache::base
