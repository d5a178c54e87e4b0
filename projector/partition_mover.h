// Takes partitions in and lets them go while lookups go on.
#pragma once

#include <iosfwd>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/clock.h"
#include "core/eventlog/event_log.h"
#include "projector/database.h"
#include "projector/foreign_relays.h"
#include "projector/log_wait.h"
#include "projector/options.h"
#include "projector/partition_map.h"
#include "projector/projector_metrics.h"
#include "projector/worker_team.h"

namespace armada_cache::projector {

// Thread-safe; moves come one after the other. References must outlive it.
class PartitionMover {
 public:
  struct Parts {
    eventlog::EventLog& log;
    const base::Clock& clock;
    RelayBoard& relays;
    RelayProgress& progress;
    PartitionMaps& maps;
    ForeignRelays& foreign;
    WorkerTeam& workers;
    ProjectorMetrics& metrics;
  };

  PartitionMover(const Options& options, const Parts& parts);
  // The workers and the lookups have stopped.
  ~PartitionMover() = default;

  // As Projector::take() and release().
  base::Status take(const std::vector<eventlog::Partition>& numbers, const GiveUp& give_up);
  void release(const std::vector<eventlog::Partition>& numbers);
  // Once, when foreign relays can be followed.
  void follow_others();

  // Writes what is only in memory and in the write-ahead logs to its place.
  base::Status flush();
  base::Status dump(std::ostream& out);

 private:
  using Arrivals = std::vector<std::unique_ptr<Partition>>;

  base::Result<Arrivals> open(const std::vector<eventlog::Partition>& numbers,
                              const GiveUp& give_up);
  base::Status rewind_to_log(const Arrivals& arrivals, const GiveUp& give_up);
  base::Status rewind_to_log(Partition& partition, const Positions& end);
  base::Status move_in(Arrivals arrivals);
  void share_memory(std::size_t partitions);
  void publish();

  const Options& options_;
  const Parts parts_;
  std::mutex mutex_;
  bool following_ = false;  // the relays of what is not here
  std::shared_ptr<const SharedMemory> memory_;
  std::map<eventlog::Partition, std::unique_ptr<Partition>> partitions_;
};

}  // namespace armada_cache::projector
