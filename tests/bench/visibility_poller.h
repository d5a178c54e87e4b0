// Watches from outside when events become visible: asks for one job until the answer shows it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "tests/bench/histogram.h"
#include "tests/support/cache_client.h"

namespace armada_cache::bench {

// One thread of its own.
class VisibilityPoller {
 public:
  struct Wanted {
    std::string job_id;
    int state = 0;  // api.JobState, or one that follows it in a job's life
    base::Time created;
  };

  explicit VisibilityPoller(const std::string& address);
  ~VisibilityPoller();

  // Left out while it still waits for another event, which would make this one seem late.
  void offer(Wanted wanted);
  // Latencies so far. Waits for the event in hand.
  Histogram finish();

 private:
  void run();
  bool shows(const Wanted& wanted) const;

  const test_support::CacheClient client_;
  const base::SystemClock clock_;
  Histogram latencies_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Wanted> wanted_;
  bool finishing_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::bench
