// Time that passes only where a test says so.
#pragma once

#include "core/base/clock.h"

namespace armada_cache::test_support {

// Stands still until told to move. Not for use from several threads at once.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::Time start = base::from_unix_micros(1'800'000'000'000'000))
      : now_(start) {}
  base::Time now() const override { return now_; }
  void advance(base::Duration by) { now_ += by; }

 private:
  base::Time now_;
};

}  // namespace armada_cache::test_support
