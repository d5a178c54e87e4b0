#include "projector/worker_team.h"

#include <algorithm>

namespace armada_cache::projector {

WorkerTeam::WorkerTeam(const Options& options, eventlog::EventLog& log, LogEnds& ends,
                       const base::Clock& clock, ProjectorMetrics& metrics, GoalWaiters& waiters) {
  for (std::size_t i = 0; i < options.worker_threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(options, log, ends, clock, metrics, waiters));
  }
}

void WorkerTeam::start() {
  for (const auto& worker : workers_) worker->start();
}

void WorkerTeam::stop() {
  for (const auto& worker : workers_) worker->stop();
}

void WorkerTeam::add(Partition& partition) {
  const auto least = std::min_element(
      workers_.begin(), workers_.end(),
      [](const auto& a, const auto& b) { return a->partitions() < b->partitions(); });
  (*least)->add(partition);
}

void WorkerTeam::remove(eventlog::Partition number) {
  for (const auto& worker : workers_) worker->remove(number);
}

}  // namespace armada_cache::projector
