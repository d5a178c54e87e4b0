// Where partitions end in the log, for one who looks again and again: one question is under way at
// a time, not more often than at an interval, and the newest answer counts.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/clock.h"
#include "projector/log_ends.h"

namespace armada_cache::projector {

// One thread asks. Lives until the LogEnds are stopped.
class EndWatch {
 public:
  struct Answer {
    base::Time asked;
    eventlog::Positions ends;
  };

  // `interval`: from one question to the next, at the least.
  EndWatch(LogEnds& ends, const base::Clock& clock, std::chrono::milliseconds interval)
      : ends_(ends), clock_(clock), interval_(interval) {}

  // Unless a question is under way or too short a time ago. A log that answers at once has answered
  // when this returns.
  void ask(const std::vector<eventlog::TopicPartition>& of);
  // Null before the first.
  std::shared_ptr<const Answer> newest() const;

 private:
  LogEnds& ends_;
  const base::Clock& clock_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  bool asking_ = false;
  std::chrono::steady_clock::time_point next_;
  std::shared_ptr<const Answer> newest_;
};

}  // namespace armada_cache::projector
