// Time that passes only where a test says so.
#pragma once

#include <atomic>

#include "core/base/clock.h"

namespace armada_cache::test_support {

// Stands still until told to move. Thread-safe.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::Time start = base::from_unix_micros(1'800'000'000'000'000))
      : now_(start) {}
  base::Time now() const override { return now_.load(); }
  void advance(base::Duration by) { now_.store(now_.load() + by); }
  // Never back.
  void advance_to(base::Time time) {
    if (time > now()) now_.store(time);
  }

 private:
  std::atomic<base::Time> now_;
};

}  // namespace armada_cache::test_support
