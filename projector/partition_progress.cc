#include "projector/partition_progress.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/visible.h"

namespace armada_cache::projector {

eventlog::TopicPartition events_of(const Partition& partition) {
  return {std::string(topics::kEvents), partition.number()};
}
eventlog::TopicPartition relays_of(const Partition& partition) {
  return {std::string(topics::kRelays), partition.number()};
}

// The log skips what retention has taken, without a word.
void PartitionProgress::note_read(std::span<const eventlog::RecordView* const> records) const {
  for (const eventlog::RecordView* record : records) {
    if (record->topic == topics::kEvents) return count_trimmed(record->offset);
  }
}

void PartitionProgress::note_applied(std::span<const eventlog::RecordView* const> records) {
  for (const eventlog::RecordView* record : records) {
    (record->topic == topics::kEvents ? events_appended_ : relays_appended_) = record->appended_at;
  }
}

void PartitionProgress::renew(const EndWatch& ends, const eventlog::Reader* reader) {
  const auto events_told = ends.newest(events_of(partition_));
  const auto relays_told = ends.newest(relays_of(partition_));
  const Positions applied = partition_.applied();
  TopicProgress events{applied.events, applied.events, events_appended_};
  TopicProgress relays{applied.relays, applied.relays, relays_appended_};
  if (events_told) {
    events.end = events_told->end;
    partition_.set_events_as_of(
        visible_up_to(events_told->asked, events, partition_.events_as_of()));
  }
  if (relays_told) {
    relays.end = relays_told->end;
    partition_.set_relays_as_of(
        visible_up_to(relays_told->asked, relays, partition_.relays_as_of()));
  }
  if (!events_told || !relays_told) return;
  const eventlog::Offset lag = events.lag() + relays.lag();
  partition_.set_lag(lag);
  metrics_.lag(partition_.number(), lag);
  if (lag > 0 && reader != nullptr) skip_gaps(*reader);
}

// What lies between what is applied and the reader, retention or compaction took.
void PartitionProgress::skip_gaps(const eventlog::Reader& reader) {
  const Positions applied = partition_.applied();
  const Positions read{std::max(applied.events, reader.position(events_of(partition_))),
                       std::max(applied.relays, reader.position(relays_of(partition_)))};
  if (read == applied) return;
  count_trimmed(read.events);
  partition_.skip_to(read);
}

// Of the events not applied below `until`, those that the log no longer keeps.
void PartitionProgress::count_trimmed(eventlog::Offset until) const {
  const eventlog::Offset applied = partition_.applied().events;
  if (until <= applied) return;
  const auto start = log_.start_offset(events_of(partition_));
  if (!start || *start <= applied) return;
  const eventlog::Offset lost = std::min(*start, until) - applied;
  metrics_.trimmed(lost);
  base::log_warn(
      "the log no longer keeps events that were not applied yet: the jobs they tell of are not "
      "known, or not as they are; event-retention must be longer than the projection may be behind",
      {{"partition", partition_.number()}, {"events", lost}, {"from_offset", applied}});
}

}  // namespace armada_cache::projector
