#include "projector/freshness.h"

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::projector {
namespace {

std::string doubt_of(const FreshnessJudge::Goals& goals) {
  for (const FreshnessJudge::Goal& goal : goals) {
    const eventlog::Offset short_of = FreshnessJudge::distance({goal});
    if (short_of <= 0) continue;
    std::string text = "partition " + std::to_string(goal.partition->number()) + " is " +
                       std::to_string(short_of) + " records behind the log";
    const std::string trouble = goal.partition->trouble();
    if (!trouble.empty()) text += " (" + trouble + ")";
    return text;
  }
  return {};
}

}  // namespace

PartitionMap::PartitionMap(std::span<const std::unique_ptr<Partition>> partitions,
                           eventlog::Partition partition_count)
    : by_number_(static_cast<std::size_t>(partition_count), nullptr) {
  for (const std::unique_ptr<Partition>& partition : partitions) {
    all_.push_back(partition.get());
    by_number_[static_cast<std::size_t>(partition->number())] = partition.get();
  }
}

Partition* PartitionMap::of_job(std::string_view job_id) const {
  return by_number_[static_cast<std::size_t>(topics::partition_of_job(job_id, count()))];
}

FreshnessJudge::FreshnessJudge(const PartitionMap& partitions, const RelayBoard& relays,
                               eventlog::EventLog& log)
    : partitions_(partitions), relays_(relays), log_(log) {}

base::Time FreshnessJudge::as_of() const {
  base::Time oldest = relays_.as_of();
  for (const Partition* partition : partitions_.all()) {
    oldest = std::min(oldest, partition->as_of());
  }
  return oldest;
}

base::Time FreshnessJudge::as_of(const base::JobSet& job_set) const {
  base::Time oldest = base::Time::max();
  for (const Partition* partition : partitions_.all()) {
    oldest = std::min(oldest, partition->as_of());
  }
  const std::optional<lookup::RelayStatus> relay = relays_.find(job_set);
  if (relay && relay->state != internal::v1::RELAY_STATE_FOLLOWING) {
    oldest = std::min(oldest, relay->connected);
  }
  return oldest;
}

base::Result<FreshnessJudge::Goals> FreshnessJudge::goals(
    std::span<Partition* const> of_events) const {
  Goals goals;
  goals.reserve(partitions_.all().size());
  for (Partition* partition : partitions_.all()) {
    const auto end = log_.end_offset({std::string(topics::kRelays), partition->number()});
    if (!end) return tl::unexpected(end.error());
    Goal goal{partition, {0, *end}};
    if (std::find(of_events.begin(), of_events.end(), partition) != of_events.end()) {
      const auto events = log_.end_offset({std::string(topics::kEvents), partition->number()});
      if (!events) return tl::unexpected(events.error());
      goal.positions.events = *events;
    }
    goals.push_back(goal);
  }
  return goals;
}

bool FreshnessJudge::reached(const Goals& goals) {
  return distance(goals) <= 0;
}

eventlog::Offset FreshnessJudge::distance(const Goals& goals) {
  eventlog::Offset most = 0;
  for (const Goal& goal : goals) {
    const Positions applied = goal.partition->applied();
    most = std::max(
        {most, goal.positions.events - applied.events, goal.positions.relays - applied.relays});
  }
  return most;
}

std::string FreshnessJudge::doubt(const Goals& goals) const {
  std::string behind = doubt_of(goals);
  return behind.empty() ? relays_.doubt() : behind;
}

std::string FreshnessJudge::doubt(const Goals& goals, const base::JobSet& job_set) const {
  std::string behind = doubt_of(goals);
  if (!behind.empty()) return behind;
  const std::optional<lookup::RelayStatus> relay = relays_.find(job_set);
  if (!relay || RelayBoard::is_settled(relay->state)) return {};
  return "the relay of this job set is not caught up";
}

}  // namespace armada_cache::projector
