// How much an answer can be relied upon: what the log holds against what is applied.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/eventlog/event_log.h"
#include "core/lookup/job_reader.h"
#include "projector/foreign_relays.h"
#include "projector/partition.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {

// The partitions that are here; found by number or by job.
class PartitionMap {
 public:
  PartitionMap(std::span<const std::unique_ptr<Partition>> partitions,
               eventlog::Partition partition_count);

  std::span<Partition* const> all() const { return all_; }
  eventlog::Partition count() const { return static_cast<eventlog::Partition>(by_number_.size()); }
  // Null where it is not here.
  Partition* of_job(std::string_view job_id) const;

 private:
  std::vector<Partition*> all_;
  std::vector<Partition*> by_number_;
};

// Thread-safe.
class FreshnessJudge {
 public:
  // What must be applied of a partition for an answer to be certain.
  struct Goal {
    Partition* partition = nullptr;
    Positions positions;
  };
  struct Goals {
    // RelayBoard::mark() and as_of_all() from before the ends were asked for.
    std::uint64_t relays = 0;
    base::Time relays_as_of;
    std::vector<Goal> partitions;
    const ForeignRelays* foreign = nullptr;
    eventlog::Positions foreign_ends;
  };

  FreshnessJudge(const PartitionMap& partitions, const RelayBoard& relays,
                 const ForeignRelays& foreign, eventlog::EventLog& log);

  // Everything appended to the log up to here is visible; how old that may be is for the relays to
  // say. Cheap.
  base::Time visible() const;

  // Everything that the log holds now of these partitions' events, and of all relays.
  base::Result<Goals> goals(std::span<Partition* const> of_events) const;
  static bool reached(const Goals& goals);
  // The most records that any of the partitions is short of its goal.
  static eventlog::Offset distance(const Goals& goals);

  // To be asked before the jobs are looked for. Why the log is not read to the goals; empty where
  // it is.
  static std::string behind(const Goals& goals);
  // Why "there is no such job" is not certain; empty where it is.
  std::string doubt(const Goals& goals) const;
  // Of answers about one job set.
  lookup::Freshness of(const Goals& goals, const base::JobSet& job_set) const;

 private:
  const PartitionMap& partitions_;
  const RelayBoard& relays_;
  const ForeignRelays& foreign_;
  eventlog::EventLog& log_;
};

}  // namespace armada_cache::projector
