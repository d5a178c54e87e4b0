#include "ingest/pulse_writer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/topics/codecs.h"
#include "core/topics/pulse.h"
#include "ingest/relay_status.h"

namespace armada_cache::ingest {

PulseWriter::PulseWriter(base::Duration interval, eventlog::Appender& appender,
                         const base::Clock& clock)
    : interval_(interval), appender_(appender), clock_(clock) {}

void PulseWriter::take(const std::set<eventlog::Partition>& partitions) {
  if (interval_ > base::Duration::zero()) partitions_.insert(partitions.begin(), partitions.end());
}

void PulseWriter::let_go(const std::set<eventlog::Partition>& partitions) {
  for (const eventlog::Partition partition : partitions) partitions_.erase(partition);
}

// Also where the clock was set back.
bool PulseWriter::is_due() const {
  const base::Time now = clock_.now();
  return !partitions_.empty() && (next_ <= now || next_ > now + interval_);
}

std::optional<base::Time> PulseWriter::next_wake() const {
  if (partitions_.empty()) return std::nullopt;
  return std::min(next_, clock_.now() + interval_);
}

void PulseWriter::write(const std::map<eventlog::Partition, base::Time>& vouched,
                        const std::map<eventlog::Partition, std::int64_t>& generations) {
  const base::Time now = clock_.now();
  next_ = now + interval_;
  for (const auto& [partition, until] : vouched) {
    InFlight& in_flight = in_flight_[partition];
    if (!in_flight) in_flight = std::make_shared<std::atomic<bool>>(false);
    if (in_flight->exchange(true)) continue;
    const RelayStatus status{RelayState::kFollowing, "", until, until, ""};
    const auto generation = generations.find(partition);
    std::vector<eventlog::Record> records;
    records.push_back(encode_relay(topics::pulse_of(partition), status,
                                   generation == generations.end() ? 0 : generation->second, now));
    appender_.append({std::string(topics::kRelays), partition}, std::move(records),
                     [in_flight](const base::Result<eventlog::Offset>&) { *in_flight = false; });
  }
}

}  // namespace armada_cache::ingest
