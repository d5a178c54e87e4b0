// Says now and then, for each partition that is ours, that its relays are followed still and that
// their records say how they stand. Who reads no such word for a while does not rely on them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/base/clock.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::ingest {

// Everything happens on the relays' thread.
class PulseWriter {
 public:
  // An interval of 0: never.
  PulseWriter(base::Duration interval, eventlog::Appender& appender, const base::Clock& clock);

  void take(const std::set<eventlog::Partition>& partitions);
  void let_go(const std::set<eventlog::Partition>& partitions);
  void let_go_all() { partitions_.clear(); }

  const std::set<eventlog::Partition>& partitions() const { return partitions_; }
  base::Duration interval() const { return interval_; }
  bool is_due() const;
  std::optional<base::Time> next_wake() const;

  // Up to when everything that Armada had is in the log, of each partition that has a word to say.
  // Nothing is written to a partition that has not taken the one before.
  void write(const std::map<eventlog::Partition, base::Time>& vouched,
             const std::map<eventlog::Partition, std::int64_t>& generations);

 private:
  // Shared with acknowledgements, which may come when this is gone.
  using InFlight = std::shared_ptr<std::atomic<bool>>;

  const base::Duration interval_;
  eventlog::Appender& appender_;
  const base::Clock& clock_;
  std::set<eventlog::Partition> partitions_;
  std::map<eventlog::Partition, InFlight> in_flight_;
  base::Time next_;
};

}  // namespace armada_cache::ingest
