// How far a partition is in the log, and what that says about freshness; for its worker.
#pragma once

#include <span>

#include "core/eventlog/event_log.h"
#include "projector/end_watch.h"
#include "projector/partition.h"
#include "projector/projector_metrics.h"

namespace armada_cache::projector {

eventlog::TopicPartition events_of(const Partition& partition);
eventlog::TopicPartition relays_of(const Partition& partition);

// Not thread-safe. References must outlive it.
class PartitionProgress {
 public:
  PartitionProgress(Partition& partition, eventlog::EventLog& log, ProjectorMetrics& metrics)
      : partition_(partition), log_(log), metrics_(metrics) {}

  // Before the records are applied: those before them that the log no longer keeps are told of.
  void note_read(std::span<const eventlog::RecordView* const> records) const;
  void note_applied(std::span<const eventlog::RecordView* const> records);
  // With what was told of its ends. The reader, all of whose records are applied; null where there
  // is none that fits.
  void renew(const EndWatch& ends, const eventlog::Reader* reader);

 private:
  void skip_gaps(const eventlog::Reader& reader);
  void count_trimmed(eventlog::Offset until) const;

  Partition& partition_;
  eventlog::EventLog& log_;
  ProjectorMetrics& metrics_;
  base::Time events_appended_;  // the last one applied
  base::Time relays_appended_;  // likewise
};

}  // namespace armada_cache::projector
