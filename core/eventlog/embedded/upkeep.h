// What the log forgets: records older than their topic's retention, and old tombstones.
#pragma once

#include <chrono>
#include <deque>
#include <functional>

#include "core/base/clock.h"
#include "core/eventlog/embedded/store.h"
#include "core/eventlog/embedded/topic.h"

namespace armada_cache::eventlog::embedded {

// The first offset in [from, to) that is not older than `cutoff`, by bisection; `to` where all are.
// `appended_at` tells the time of an offset, and never falls from one offset to a higher one.
Offset first_not_older(Offset from, Offset to, base::Time cutoff,
                       const std::function<base::Time(Offset)>& appended_at);

// The writer thread's own, so that nothing is appended meanwhile. One partition a step keeps the
// pauses for appends short.
class Upkeep {
 public:
  Upkeep(Store& store, TopicTable& topics, const base::Clock& clock,
         const EmbeddedLogOptions& options)
      : store_(store),
        topics_(topics),
        clock_(clock),
        tombstone_retention_(options.tombstone_retention),
        tombstones_per_step_(options.tombstones_per_step) {}

  // Puts every partition in line that is not.
  void start_round();
  bool idle() const { return line_.empty(); }
  void step();

 private:
  struct Due {
    Topic* topic;
    Partition partition;
  };

  rocksdb::Status trim(const Due& due);
  rocksdb::Status forget_below(const Due& due, Offset start);
  // Puts the partition in line again where there is more to do.
  rocksdb::Status remove_tombstones(const Due& due);
  void find_start(const Due& due);

  Store& store_;
  TopicTable& topics_;
  const base::Clock& clock_;
  const std::chrono::milliseconds tombstone_retention_;
  const std::size_t tombstones_per_step_;
  std::deque<Due> line_;
};

}  // namespace armada_cache::eventlog::embedded
