#include "projector/freshness.h"

#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::projector {
namespace {

eventlog::Offset short_of(const FreshnessJudge::Goal& goal) {
  const Positions applied = goal.partition->applied();
  return std::max(goal.positions.events - applied.events, goal.positions.relays - applied.relays);
}

eventlog::Offset foreign_distance(const FreshnessJudge::Goals& goals) {
  return goals.foreign == nullptr ? 0 : goals.foreign->distance(goals.foreign_ends);
}

std::string time_text(base::Time time) {
  if (time == base::Time{}) return "never connected";
  return "complete only up to " + std::to_string(base::to_unix_millis(time)) + " (Unix ms)";
}

// `all`: whether the goals are reached; what the relay had brought before them is then seen.
base::Time limit_of(const RelayBoard::Relay& known, const FreshnessJudge::Goals& goals, bool all,
                    base::Time visible) {
  const bool vouched = all && known.changed <= goals.relays;
  return base::from_unix_micros(vouched ? known.limit.limit
                                        : known.limit.at(base::to_unix_micros(visible)));
}

void judge(const RelayBoard::Relay& known, std::uint64_t mark, lookup::Freshness& freshness) {
  const relay::Meaning& meaning = relay::meaning_of(known.status.state);
  switch (meaning.doubt) {
    case relay::Doubt::kAlways:
      freshness.doubt = "the relay of this job set: " + std::string(meaning.sentence);
      if (!known.status.last_error.empty()) freshness.doubt += " (" + known.status.last_error + ")";
      if (meaning.rests) freshness.resting.push_back(known.status.job_set);
      break;
    case relay::Doubt::kWhileWanted:
      freshness.followed = false;
      break;
    case relay::Doubt::kNone:
      if (known.changed > mark)
        freshness.doubt = "the relay of this job set has caught up only now";
      break;
  }
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
                               const ForeignRelays& foreign, eventlog::EventLog& log)
    : partitions_(partitions), relays_(relays), foreign_(foreign), log_(log) {}

base::Time FreshnessJudge::visible() const {
  base::Time oldest = foreign_.as_of();
  for (const Partition* partition : partitions_.all()) {
    oldest = std::min(oldest, partition->as_of());
  }
  return oldest;
}

base::Result<FreshnessJudge::Goals> FreshnessJudge::goals(
    std::span<Partition* const> of_events) const {
  Goals goals;
  goals.relays = relays_.mark();
  goals.relays_as_of = relays_.as_of_all();
  goals.partitions.reserve(partitions_.all().size());
  for (Partition* partition : partitions_.all()) {
    const auto end = log_.end_offset({std::string(topics::kRelays), partition->number()});
    if (!end) return tl::unexpected(end.error());
    Goal goal{partition, {0, *end}};
    if (std::find(of_events.begin(), of_events.end(), partition) != of_events.end()) {
      const auto events = log_.end_offset({std::string(topics::kEvents), partition->number()});
      if (!events) return tl::unexpected(events.error());
      goal.positions.events = *events;
    }
    goals.partitions.push_back(goal);
  }
  auto foreign = foreign_.ends();
  if (!foreign) return tl::unexpected(foreign.error());
  goals.foreign = &foreign_;
  goals.foreign_ends = *std::move(foreign);
  return goals;
}

bool FreshnessJudge::reached(const Goals& goals) {
  return distance(goals) <= 0;
}

eventlog::Offset FreshnessJudge::distance(const Goals& goals) {
  eventlog::Offset most = foreign_distance(goals);
  for (const Goal& goal : goals.partitions) most = std::max(most, short_of(goal));
  return most;
}

std::string FreshnessJudge::behind(const Goals& goals) {
  for (const Goal& goal : goals.partitions) {
    const eventlog::Offset missing = short_of(goal);
    if (missing <= 0) continue;
    std::string text = "partition " + std::to_string(goal.partition->number()) + " is " +
                       std::to_string(missing) + " records behind the log";
    const std::string trouble = goal.partition->trouble();
    if (!trouble.empty()) text += " (" + trouble + ")";
    return text;
  }
  if (const eventlog::Offset missing = foreign_distance(goals); missing > 0) {
    return "the relays of other partitions are " + std::to_string(missing) +
           " records behind the log";
  }
  return {};
}

std::string FreshnessJudge::doubt(const Goals& goals) const {
  std::string text = behind(goals);
  return text.empty() ? relays_.doubt(goals.relays) : text;
}

lookup::Freshness FreshnessJudge::of(const Goals& goals, const base::JobSet& job_set) const {
  const base::Time seen = visible();
  const std::optional<RelayBoard::Relay> known = relays_.find(job_set);
  lookup::Freshness freshness;
  freshness.followed = known.has_value();
  if (known) judge(*known, goals.relays, freshness);
  std::string text = behind(goals);
  const bool all = text.empty();
  if (!all) freshness.doubt = std::move(text);
  freshness.as_of = known ? std::min(seen, limit_of(*known, goals, all, seen)) : base::Time{};
  freshness.certain = freshness.doubt.empty();
  if (!freshness.followed && freshness.certain) {
    freshness.doubt = "nobody follows this job set: " + time_text(freshness.as_of);
  }
  return freshness;
}

}  // namespace armada_cache::projector
