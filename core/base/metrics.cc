#include "core/base/metrics.h"

#include <prometheus/text_serializer.h>

namespace armada_cache::base {

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}

Metrics::CounterFamily& Metrics::counter(const std::string& name, const std::string& help) {
  return prometheus::BuildCounter().Name("armada_cache_" + name).Help(help).Register(*registry_);
}

Metrics::GaugeFamily& Metrics::gauge(const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name("armada_cache_" + name).Help(help).Register(*registry_);
}

Metrics::HistogramFamily& Metrics::histogram(const std::string& name, const std::string& help) {
  return prometheus::BuildHistogram().Name("armada_cache_" + name).Help(help).Register(*registry_);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

std::vector<double> latency_buckets() {
  return {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
          0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
}

}  // namespace armada_cache::base
