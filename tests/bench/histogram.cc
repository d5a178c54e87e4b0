#include "tests/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace armada_cache::bench {

// Values below kSub have a bucket each; above, each power of two is divided into kSub buckets.
std::size_t Histogram::bucket_of(std::uint64_t nanos) {
  if (nanos < kSub) return static_cast<std::size_t>(nanos);
  const unsigned shift = static_cast<unsigned>(std::bit_width(nanos)) - 1 - kSubBits;
  return (shift + 1) * kSub + static_cast<std::size_t>((nanos >> shift) - kSub);
}

std::uint64_t Histogram::upper_bound_of(std::size_t bucket) {
  if (bucket < kSub) return bucket;
  const std::size_t shift = bucket / kSub - 1;
  return (((bucket % kSub) + kSub + 1) << shift) - 1;
}

void Histogram::record(std::chrono::nanoseconds value) {
  const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
  ++buckets_[std::min(bucket_of(nanos), buckets_.size() - 1)];
  ++count_;
  max_ = std::max(max_, nanos);
}

double Histogram::quantile_us(double quantile) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && seen >= rank) {
      return static_cast<double>(std::min(upper_bound_of(bucket), max_)) / 1e3;
    }
  }
  return 0;
}

}  // namespace armada_cache::bench
