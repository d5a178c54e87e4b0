#include "projector/freshness.h"

#include <algorithm>
#include <utility>

#include "core/topics/codecs.h"

namespace armada_cache::projector {
namespace {

eventlog::Offset short_of(const FreshnessJudge::Goal& goal) {
  return goal.events - goal.partition->applied().events;
}

eventlog::Offset relays_short_of(const FreshnessJudge::Goals& goals, std::size_t partition) {
  return goals.relays[partition] -
         goals.progress->position(static_cast<eventlog::Partition>(partition));
}

std::string behind_text(const std::string& what, const Partition* partition,
                        eventlog::Offset missing) {
  std::string text = what + " " + std::to_string(missing) + " records behind the log";
  const std::string trouble = partition == nullptr ? std::string() : partition->trouble();
  if (!trouble.empty()) text += " (" + trouble + ")";
  return text;
}

std::string time_text(base::Time time) {
  if (time == base::Time{}) return "never connected";
  return "complete only up to " + std::to_string(base::to_unix_millis(time)) + " (Unix ms)";
}

// `all`: whether the goals are reached; what the relay had brought before them is then seen.
base::Time limit_of(const RelayBoard::Relay& known, const FreshnessJudge::Goals& goals, bool all,
                    base::Time visible) {
  const bool vouched = all && known.changed <= goals.mark;
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

std::vector<eventlog::TopicPartition> relays_of_all(eventlog::Partition count) {
  std::vector<eventlog::TopicPartition> all;
  all.reserve(static_cast<std::size_t>(count));
  for (eventlog::Partition i = 0; i < count; ++i) all.push_back({std::string(topics::kRelays), i});
  return all;
}

void set_ends(FreshnessJudge::Goals& goals, const eventlog::Positions& ends) {
  goals.relays.assign(static_cast<std::size_t>(goals.progress->count()), 0);
  for (const auto& [of, end] : ends) {
    if (of.topic == topics::kRelays) goals.relays[static_cast<std::size_t>(of.partition)] = end;
  }
  for (FreshnessJudge::Goal& goal : goals.events) {
    goal.events = ends.at({std::string(topics::kEvents), goal.partition->number()});
  }
}

}  // namespace

FreshnessJudge::FreshnessJudge(const RelayBoard& relays, const RelayProgress& progress,
                               LogEnds& ends, const base::Clock& clock,
                               std::chrono::milliseconds ends_wait)
    : relays_(relays),
      progress_(progress),
      ends_(ends),
      clock_(clock),
      ends_wait_(ends_wait),
      all_relays_(relays_of_all(progress.count())) {}

base::Time FreshnessJudge::visible(const PartitionMap& partitions) const {
  base::Time oldest = progress_.as_of();
  for (const Partition* partition : partitions.all()) {
    oldest = std::min(oldest, partition->events_as_of());
  }
  return oldest;
}

void FreshnessJudge::goals(HeldMap partitions, std::span<Partition* const> of_events,
                           Done done) const {
  Goals goals;
  goals.mark = relays_.mark();
  goals.relays_as_of = relays_.as_of_all();
  goals.asked_at = clock_.now();
  goals.partitions = std::move(partitions);
  goals.progress = &progress_;
  std::vector<eventlog::TopicPartition> asked = all_relays_;
  for (Partition* partition : of_events) {
    goals.events.push_back({partition, 0});
    asked.push_back({std::string(topics::kEvents), partition->number()});
  }
  ends_.ask(
      asked,
      [goals = std::move(goals), done = std::move(done)](const auto& ends) mutable {
        if (ends) set_ends(goals, *ends);
        if (!ends) goals.untold = ends.error().message;
        done(std::move(goals));
      },
      std::chrono::steady_clock::now() + ends_wait_);
}

eventlog::Offset FreshnessJudge::distance(const Goals& goals) {
  eventlog::Offset most = 0;
  for (const Goal& goal : goals.events) most = std::max(most, short_of(goal));
  for (std::size_t i = 0; i < goals.relays.size(); ++i) {
    most = std::max(most, relays_short_of(goals, i));
  }
  return most;
}

std::string FreshnessJudge::behind(const Goals& goals) {
  if (goals.untold) return "the log cannot be asked: " + *goals.untold;
  for (const Goal& goal : goals.events) {
    const eventlog::Offset missing = short_of(goal);
    if (missing <= 0) continue;
    return behind_text("partition " + std::to_string(goal.partition->number()) + " is",
                       goal.partition, missing);
  }
  for (std::size_t i = 0; i < goals.relays.size(); ++i) {
    const eventlog::Offset missing = relays_short_of(goals, i);
    if (missing <= 0) continue;
    return behind_text("the relays of partition " + std::to_string(i) + " are",
                       goals.partitions->find(static_cast<eventlog::Partition>(i)), missing);
  }
  return {};
}

std::string FreshnessJudge::doubt(const Goals& goals) const {
  std::string text = behind(goals);
  return text.empty() ? relays_.doubt(goals.mark) : text;
}

lookup::Freshness FreshnessJudge::of(const Goals& goals, const base::JobSet& job_set) const {
  base::Time seen = visible(*goals.partitions);
  const std::optional<RelayBoard::Relay> known = relays_.find(job_set);
  lookup::Freshness freshness;
  freshness.followed = known.has_value();
  if (known) judge(*known, goals.mark, freshness);
  std::string text = behind(goals);
  const bool all = text.empty();
  if (all) seen = std::max(seen, goals.asked_at);
  if (!all) freshness.doubt = std::move(text);
  freshness.as_of = known ? std::min(seen, limit_of(*known, goals, all, seen)) : base::Time{};
  freshness.certain = freshness.doubt.empty();
  if (!freshness.followed && freshness.certain) {
    freshness.doubt = "nobody follows this job set: " + time_text(freshness.as_of);
  }
  return freshness;
}

}  // namespace armada_cache::projector
