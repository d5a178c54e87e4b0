// Keeps a line that could be said thousands of times from filling the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace armada_cache::base {

// So many lines in each interval. Pure; not thread-safe.
class LineBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  LineBudget(std::uint64_t lines, std::chrono::milliseconds interval)
      : lines_(lines), interval_(interval) {}

  // How many were left out since the last one that was not; empty: leave this one out.
  std::optional<std::uint64_t> take(Time now);
  std::optional<std::uint64_t> take() { return take(std::chrono::steady_clock::now()); }

 private:
  std::uint64_t lines_;
  std::chrono::milliseconds interval_;
  std::optional<Time> since_;
  std::uint64_t taken_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace armada_cache::base
