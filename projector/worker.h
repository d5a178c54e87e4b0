// A thread that applies the log to its share of the partitions, which come and go.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/line_budget.h"
#include "core/eventlog/event_log.h"
#include "projector/fold.h"
#include "projector/goal_waiters.h"
#include "projector/options.h"
#include "projector/partition.h"
#include "projector/partition_progress.h"
#include "projector/projector_metrics.h"
#include "projector/sweeper.h"

namespace armada_cache::projector {

// A partition that cannot be written or read stands still, keeps what it has, and is tried again
// with growing pauses; the others go on.
class Worker {
 public:
  Worker(const Options& options, eventlog::EventLog& log, LogEnds& ends, const base::Clock& clock,
         ProjectorMetrics& metrics, GoalWaiters& waiters);
  ~Worker();

  // Any thread. The partition must live until it is removed, or the worker has stopped.
  void add(Partition& partition);
  // Returns when the worker has finished its batch and touches the partition no more. Without
  // effect where it is not here.
  void remove(eventlog::Partition number);
  std::size_t partitions() const;

  void start();
  // Ends after the batch in hand. May be called twice.
  void stop();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Share {
    Share(Partition& of, const Options& options, eventlog::EventLog& log, ProjectorMetrics& metrics)
        : partition(&of), sweeper(of, options), progress(of, log, metrics) {}

    Partition* partition;
    Sweeper sweeper;
    PartitionProgress progress;
    std::vector<const eventlog::RecordView*> records;  // of the poll in hand
    bool loaded = false;
    bool ready = false;
    bool broken = false;      // the database refused something and must be opened anew
    bool unreadable = false;  // of the log
    SteadyTime retry_at;
    base::Duration pause{0};  // 0 once it has gone on for as long as it stood still
    base::LineBudget lines{1, std::chrono::minutes(1)};
    bool told = false;  // that it stands still
  };

  void run();
  void change_shares();
  void revive(SteadyTime now);
  bool open_reader();
  void poll();
  void distribute(std::span<const eventlog::RecordView> records);
  void apply(Share& share);
  base::Status apply_slice(Share& share, std::span<const eventlog::RecordView* const> records);
  void report_rejected(const ChangeSet& changes, const Partition& partition);
  void renew_freshness();
  void sweep(Share& share);
  void stall(Share& share, std::string_view doing, const base::Error& error);
  void stall_broken(Share& share, std::string_view doing, const base::Error& error);
  void stall_unreadable(std::string_view doing, const base::Error& error);
  base::Status probe(const Partition& partition);
  Share* share_of(eventlog::Partition number);
  bool stopping() const;
  void wake();
  void recover(Share& share);
  void pause(std::chrono::milliseconds time);
  void drop_reader();

  const Options& options_;
  eventlog::EventLog& log_;
  const base::Clock& clock_;
  ProjectorMetrics& metrics_;
  GoalWaiters& waiters_;
  EndWatch ends_;
  Fold fold_;
  std::list<Share> shares_;
  SteadyTime next_rejected_report_;
  std::size_t unreported_ = 0;
  bool stale_ = false;  // the reader no longer fits the partitions that are ready

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool ended_ = false;
  // What the thread takes up next: null for one that goes.
  std::map<eventlog::Partition, Partition*> changes_;
  std::set<eventlog::Partition> here_;        // once those are taken up
  std::unique_ptr<eventlog::Reader> reader_;  // changed under the mutex; used by the thread
  std::thread thread_;
};

}  // namespace armada_cache::projector
