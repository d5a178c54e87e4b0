#include "tests/bench/scrape.h"

#include <cmath>
#include <cstdlib>
#include <sstream>

namespace armada_cache::bench {

double HistogramSample::quantile(double share) const {
  if (up_to.empty()) return 0;
  const double wanted = share * up_to.rbegin()->second;
  double lower_bound = 0;
  double lower_count = 0;
  for (const auto& [bound, count] : up_to) {
    if (count >= wanted && count > lower_count) {
      if (std::isinf(bound)) return lower_bound;
      return lower_bound + (bound - lower_bound) * (wanted - lower_count) / (count - lower_count);
    }
    lower_bound = bound;
    lower_count = count;
  }
  return 0;
}

HistogramSample operator-(const HistogramSample& later, const HistogramSample& earlier) {
  HistogramSample difference = later;
  for (const auto& [bound, count] : earlier.up_to) difference.up_to[bound] -= count;
  return difference;
}

HistogramSample scrape_histogram(const std::string& text, std::string_view name_ending) {
  const std::string bucket = std::string(name_ending) + "_bucket{";
  constexpr std::string_view kBound = "le=\"";
  HistogramSample sample;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t bound = line.find(kBound);
    if (line.find(bucket) == std::string::npos || bound == std::string::npos) continue;
    const double up_to = std::strtod(line.c_str() + bound + kBound.size(), nullptr);
    sample.up_to[up_to] += std::strtod(line.c_str() + line.rfind(' '), nullptr);
  }
  return sample;
}

}  // namespace armada_cache::bench
