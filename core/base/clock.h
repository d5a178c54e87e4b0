// Time comes from outside, so that decisions can be tested without waiting.
#pragma once

#include <chrono>
#include <cstdint>

namespace armada_cache::base {

using Duration = std::chrono::microseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline std::int64_t to_unix_micros(Time time) {
  return time.time_since_epoch().count();
}
inline std::int64_t to_unix_millis(Time time) {
  return to_unix_micros(time) / 1000;
}
inline Time from_unix_micros(std::int64_t micros) {
  return Time(Duration(micros));
}

// Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

inline const SystemClock kSystemClock{};

}  // namespace armada_cache::base
