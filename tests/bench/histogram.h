// Latencies counted in buckets of about 1.5 % width: bounded memory whatever is recorded.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace armada_cache::bench {

// Not for use from several threads at once.
class Histogram {
 public:
  void record(std::chrono::nanoseconds value);

  std::uint64_t count() const { return count_; }
  // The value in microseconds below or at which the share `quantile` (0 to 1) of the values lies;
  // 0 where nothing was recorded.
  double quantile_us(double quantile) const;
  double max_us() const { return static_cast<double>(max_) / 1e3; }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static std::size_t bucket_of(std::uint64_t nanos);
  static std::uint64_t upper_bound_of(std::size_t bucket);

  std::array<std::uint64_t, kSub * 60> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace armada_cache::bench
