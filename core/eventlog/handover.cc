#include "core/eventlog/handover.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace armada_cache::eventlog {
namespace {

std::set<Partition> without(const std::set<Partition>& all, const std::set<Partition>& some) {
  std::set<Partition> rest;
  std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace

void Handover::assigned(const std::set<Partition>& partitions, std::int64_t generation) {
  const bool nothing_missed =
      generation != 0 && (generation == generation_ || generation == generation_ + 1);
  if (!nothing_missed && options_.release_when_lost) forfeit();
  generation_ = generation;
  wanted_ = partitions;
  sharing_ = false;
  lost_at_.reset();
  retry_at_.reset();
}

void Handover::revoked(Time now) {
  sharing_ = true;
  if (options_.release_when_lost && !lost_at_) lost_at_ = now + options_.patience;
}

void Handover::lost() {
  sharing_ = true;
  if (!options_.release_when_lost) return;
  lost_at_.reset();
  forfeit();
}

void Handover::forfeit() {
  ++epoch_;
  forfeited_ = held_;
}

std::optional<Handover::Step> Handover::next(Time now) {
  if (lost_at_ && now >= *lost_at_) lost();
  if (retry_at_ && now >= *retry_at_) retry_at_.reset();
  if (!forfeited_.empty()) {
    held_ = without(held_, forfeited_);
    return Step{false, true, std::exchange(forfeited_, {}), generation_, epoch_};
  }
  std::set<Partition> surplus = without(held_, wanted_);
  if (!surplus.empty()) {
    held_ = without(held_, surplus);
    return Step{false, false, std::move(surplus), generation_, epoch_};
  }
  if (sharing_ || retry_at_) return std::nullopt;
  std::set<Partition> missing = without(wanted_, held_);
  if (missing.empty()) return std::nullopt;
  return Step{true, false, std::move(missing), generation_, epoch_};
}

bool Handover::is_stale(const Step& taking) const {
  return taking.epoch != epoch_ || !std::ranges::includes(wanted_, taking.partitions);
}

// What was taken and is not wanted any more is released next.
void Handover::taken(const Step& step, bool succeeded, Time now) {
  if (!succeeded) {
    if (!is_stale(step)) retry_at_ = now + options_.retry_pause;
    return;
  }
  retry_at_.reset();
  held_.insert(step.partitions.begin(), step.partitions.end());
  if (step.epoch != epoch_) forfeited_.insert(step.partitions.begin(), step.partitions.end());
}

std::optional<Handover::Time> Handover::wake_at() const {
  if (!lost_at_ || !retry_at_) return lost_at_ ? lost_at_ : retry_at_;
  return std::min(*lost_at_, *retry_at_);
}

}  // namespace armada_cache::eventlog
