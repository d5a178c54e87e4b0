// The relays of partitions that are not here. A job's events lie in one partition and its job set's
// relay in another; whether a job may be missing, and as of when one is known, is for all relays to
// say. So each projector follows all of them: its own partitions' as they are applied, the others'
// in memory, from the begin of the compacted topic.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/topic_follower.h"
#include "core/eventlog/unreadable_records.h"
#include "projector/end_watch.h"
#include "projector/relay_progress.h"

namespace armada_cache::projector {

class GoalWaiters;
class RelayBoard;

struct ForeignRelayOptions {
  std::size_t batch_max_records = 5000;
  std::chrono::milliseconds poll_wait{5};
  std::chrono::milliseconds retry_pause{500};
  std::chrono::milliseconds ends_interval{20};
};

// Thread-safe, but for start() and stop(). References must outlive it.
class ForeignRelays {
 public:
  ForeignRelays(const ForeignRelayOptions& options, eventlog::EventLog& log, LogEnds& ends,
                const base::Clock& clock, RelayBoard& board, RelayProgress& progress);
  ~ForeignRelays() { stop(); }

  // Once. `waiters` are looked at after each step.
  void start(GoalWaiters& waiters);
  void stop();

  // From where the board is. Nobody else may bring these relays there from now on.
  void follow(const std::vector<eventlog::Partition>& partitions);
  // Nothing more of it comes to the board afterwards.
  void leave(const std::vector<eventlog::Partition>& partitions);

 private:
  // Where the log ended at that time.
  struct Goal {
    eventlog::Offset end = 0;
    base::Time time;
  };

  void take(std::span<const eventlog::RecordView> records, const eventlog::Positions& reached);
  void renew_goals(const eventlog::Positions& reached);
  bool note_reached(eventlog::Partition partition, eventlog::Offset reached);
  void apply(const eventlog::RecordView& record);

  const ForeignRelayOptions options_;
  eventlog::EventLog& log_;
  EndWatch ends_;
  RelayBoard& board_;
  RelayProgress& progress_;
  GoalWaiters* waiters_ = nullptr;
  // The projector that has the partition keeps them, and counts them.
  eventlog::UnreadableRecords unreadable_;
  std::map<eventlog::Partition, Goal> goals_;  // of the follower's thread
  std::unique_ptr<eventlog::TopicFollower> follower_;
};

}  // namespace armada_cache::projector
