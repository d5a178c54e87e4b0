// Where partitions end in the log, for one who looks again and again: each is asked for by itself,
// with one question under way at a time and not more often than at an interval, and the newest
// answer counts. So a partition whose end cannot be told keeps no other from being fresh. The log
// (of lines) says while there is one, once a minute at the most, and when that is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/line_budget.h"
#include "projector/log_ends.h"

namespace armada_cache::projector {

// One thread asks. Lives until the LogEnds are stopped.
class EndWatch {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Answer {
    base::Time asked;
    eventlog::Offset end = 0;
  };

  // `interval`: from one question to the next, at the least.
  EndWatch(LogEnds& ends, const base::Clock& clock, std::chrono::milliseconds interval)
      : ends_(ends), clock_(clock), interval_(interval) {}

  // All that are watched from now on; others are forgotten, with what was told of them. Those are
  // asked for of which no question is under way, unless it is too short a time ago. A log that
  // answers at once has answered when this returns.
  void ask(const std::vector<eventlog::TopicPartition>& of, SteadyTime now);
  // Empty before the first.
  std::optional<Answer> newest(const eventlog::TopicPartition& of) const;

 private:
  struct Watched {
    bool wanted = true;
    std::optional<std::uint64_t> asking;  // the question under way
    std::optional<Answer> newest;
    std::optional<base::Error> error;  // of the last question that was answered
  };

  void take(const eventlog::TopicPartition& of, std::uint64_t question, base::Time asked,
            const base::Result<eventlog::Positions>& ends);

  void report(SteadyTime now);

  LogEnds& ends_;
  const base::Clock& clock_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  SteadyTime next_;
  std::uint64_t questions_ = 0;
  std::map<eventlog::TopicPartition, Watched> watched_;
  base::LineBudget lines_{1, std::chrono::minutes(1)};
  bool reported_ = false;
};

}  // namespace armada_cache::projector
