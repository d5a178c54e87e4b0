#include "projector/ingest_pulses.h"

#include <algorithm>
#include <utility>

#include "core/topics/partitioner.h"
#include "core/topics/pulse.h"

namespace armada_cache::projector {

bool IngestPulses::hear(const base::JobSet& key, base::Time vouched,
                        std::optional<base::Time> appended_at) {
  const eventlog::Partition partition = topics::partition_of_pulse(key);
  if (partition < 0 || partition >= expected_.partitions) return false;
  if (expected_.patience.count() == 0) return false;
  Pulse& pulse = pulses_[partition];
  pulse.vouched = std::max(pulse.vouched, vouched);
  if (!appended_at || *appended_at < expected_.since) return false;
  ++pulse.heard;
  return std::exchange(pulse.silent, false);
}

bool IngestPulses::note_silence(std::chrono::steady_clock::time_point now) {
  bool any = false;
  for (auto& [partition, pulse] : pulses_) {
    if (std::exchange(pulse.seen, pulse.heard) != pulse.heard) pulse.last = now;
    const bool is_heard = pulse.last && now - *pulse.last < expected_.patience;
    if (!is_heard) any |= !std::exchange(pulse.silent, true);
  }
  return any;
}

std::optional<base::Time> IngestPulses::silent_after(const base::JobSet& job_set) const {
  if (pulses_.empty()) return std::nullopt;
  const auto found = pulses_.find(topics::partition_of_job_set(job_set, expected_.partitions));
  if (found == pulses_.end() || !found->second.silent) return std::nullopt;
  return found->second.vouched;
}

}  // namespace armada_cache::projector
