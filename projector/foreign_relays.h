// The relays of partitions that are not here. A job's events lie in one partition and its job set's
// relay in another; whether a job may be missing, and as of when one is known, is for all relays to
// say. So each projector follows all of them: its own partitions' as they are applied, the others'
// in memory, from the begin of the compacted topic.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/topic_follower.h"

namespace armada_cache::projector {

class GoalWaiters;
class RelayBoard;

struct ForeignRelayOptions {
  std::vector<eventlog::Partition> partitions;  // none: there is nothing to follow
  std::size_t batch_max_records = 5000;
  std::chrono::milliseconds poll_wait{5};
  std::chrono::milliseconds retry_pause{500};
};

// Thread-safe. References must outlive it.
class ForeignRelays {
 public:
  ForeignRelays(ForeignRelayOptions options, eventlog::EventLog& log, const base::Clock& clock,
                RelayBoard& board);
  ~ForeignRelays() { stop(); }

  // Once. `waiters` are looked at after each step.
  void start(GoalWaiters& waiters);
  void stop();

  // The ends of what is to be read.
  base::Result<eventlog::Positions> ends() const;
  // The most records that any partition is short of those ends.
  eventlog::Offset distance(const eventlog::Positions& ends) const;
  // Everything appended up to here is on the board; Time::max() where there is nothing to follow.
  base::Time as_of() const;

 private:
  void take(std::span<const eventlog::RecordView> records, const eventlog::Positions& reached);
  void reached_goal();
  void apply(const eventlog::RecordView& record);

  const ForeignRelayOptions options_;
  eventlog::EventLog& log_;
  const base::Clock& clock_;
  RelayBoard& board_;
  GoalWaiters* waiters_ = nullptr;
  std::map<eventlog::TopicPartition, std::atomic<eventlog::Offset>> applied_;
  std::atomic<std::int64_t> as_of_micros_ = 0;
  // Of the follower's thread: where the log ended at that time.
  eventlog::Positions goal_;
  base::Time goal_time_;
  std::unique_ptr<eventlog::TopicFollower> follower_;
};

}  // namespace armada_cache::projector
