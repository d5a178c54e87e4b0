// Histograms in Prometheus's text format.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace armada_cache::bench {

// Counts of values up to a bound, that of the last bound being infinite.
struct HistogramSample {
  std::map<double, double> up_to;

  // The value below which this share of the values lies, interpolated within its bucket; 0 where
  // there are no values.
  double quantile(double share) const;
};
HistogramSample operator-(const HistogramSample& later, const HistogramSample& earlier);

// Of the family whose name ends so, over all its labels.
HistogramSample scrape_histogram(const std::string& text, std::string_view name_ending);

}  // namespace armada_cache::bench
