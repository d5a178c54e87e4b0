// How much an answer can be relied upon: what the log holds against what is applied.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/lookup/job_reader.h"
#include "projector/log_ends.h"
#include "projector/partition_map.h"
#include "projector/relay_board.h"
#include "projector/relay_progress.h"

namespace armada_cache::projector {

// Thread-safe.
class FreshnessJudge {
 public:
  // What must be applied of a partition's events for an answer to be certain.
  struct Goal {
    Partition* partition = nullptr;
    eventlog::Offset events = 0;
  };
  struct Goals {
    // RelayBoard::mark() and as_of_all() from before the ends were asked for.
    std::uint64_t mark = 0;
    base::Time relays_as_of;
    base::Time asked_at;  // likewise: what reaches the goals shows everything appended by then
    HeldMap partitions;
    std::vector<Goal> events;
    std::vector<eventlog::Offset> relays;  // of each partition, here or not
    const RelayProgress* progress = nullptr;
    // Why it is not known where the log ends: there is nothing to wait for, and nothing is certain.
    std::optional<std::string> untold;
  };
  using Done = std::function<void(Goals)>;

  // `ends_wait`: how long the log may take to tell where it ends.
  FreshnessJudge(const RelayBoard& relays, const RelayProgress& progress, LogEnds& ends,
                 const base::Clock& clock, std::chrono::milliseconds ends_wait);

  // Everything appended to the log up to here is visible; how old that may be is for the relays to
  // say. Cheap. Of all relays; and of all events of these partitions.
  base::Time visible_relays() const { return progress_.as_of(); }
  base::Time visible(const PartitionMap& partitions) const;

  // Everything that the log holds now of these partitions' events, and of all relays. `done` runs
  // within the call or on a thread of the log's or of the LogEnds', which it must not hold up.
  void goals(HeldMap partitions, std::span<Partition* const> of_events, Done done) const;
  static bool reached(const Goals& goals) { return distance(goals) <= 0; }
  // The most records that anything is short of its goal.
  static eventlog::Offset distance(const Goals& goals);

  // To be asked before the jobs are looked for. Why the log is not read to the goals; empty where
  // it is.
  static std::string behind(const Goals& goals);
  // Why "there is no such job" is not certain; empty where it is.
  std::string doubt(const Goals& goals) const;
  // Of answers about one job set.
  lookup::Freshness of(const Goals& goals, const base::JobSet& job_set) const;

 private:
  const RelayBoard& relays_;
  const RelayProgress& progress_;
  LogEnds& ends_;
  const base::Clock& clock_;
  const std::chrono::milliseconds ends_wait_;
  const std::vector<eventlog::TopicPartition> all_relays_;
};

}  // namespace armada_cache::projector
