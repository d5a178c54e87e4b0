// The workers, and which of them has which partition.
#pragma once

#include <memory>
#include <vector>

#include "projector/worker.h"

namespace armada_cache::projector {

// Not thread-safe.
class WorkerTeam {
 public:
  WorkerTeam(const Options& options, eventlog::EventLog& log, LogEnds& ends,
             const base::Clock& clock, ProjectorMetrics& metrics, GoalWaiters& waiters);

  void start();
  void stop();

  // To the one with the fewest partitions. As Worker::add() and remove().
  void add(Partition& partition);
  void remove(eventlog::Partition number);

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace armada_cache::projector
