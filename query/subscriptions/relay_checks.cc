#include "query/subscriptions/relay_checks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::query {

using base::JobSet;

std::string doubt_of_relay(const std::optional<lookup::RelayStatus>& relay) {
  if (!relay) return "its events have not begun to arrive";
  switch (relay->state) {
    case internal::v1::RELAY_STATE_FOLLOWING:
    case internal::v1::RELAY_STATE_GONE:
      return "";
    case internal::v1::RELAY_STATE_CATCHING_UP:
      return "its events are still arriving";
    case internal::v1::RELAY_STATE_RETRYING:
      return "its stream is interrupted: " + relay->last_error;
    case internal::v1::RELAY_STATE_REFUSED:
      return "Armada refuses its stream: " + relay->last_error;
    default:
      return "its stream is closed at the moment";
  }
}

RelayChecks::RelayChecks(const Options& options, lookup::JobReader& reader,
                         const base::Clock& clock, Later later, Wanted wanted,
                         base::Metrics& metrics)
    : options_(options),
      reader_(reader),
      clock_(clock),
      later_(std::move(later)),
      wanted_(std::move(wanted)),
      gauge_(metrics
                 .gauge("query_unsettled_relays",
                        "Job sets subscribed to whose relay is not known to have caught up")
                 .Add({})) {}

void RelayChecks::add(const JobSet& job_set, base::Time since) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    unsettled_.try_emplace(job_set, since);
    count();
    if (std::exchange(looking_, true)) return;
  }
  later_(std::chrono::milliseconds(0), [self = shared_from_this()] { self->look(); });
}

void RelayChecks::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

std::string RelayChecks::any() const {
  if (empty()) return "";
  const std::lock_guard lock(mutex_);
  if (unsettled_.empty()) return "";
  const JobSet& one = unsettled_.begin()->first;
  const std::size_t others = unsettled_.size() - 1;
  return "job set '" + one.name + "' of queue '" + one.queue + "'" +
         (others > 0 ? " and " + std::to_string(others) + " more are" : " is") +
         " not caught up yet";
}

bool RelayChecks::contains(const JobSet& job_set) const {
  if (empty()) return false;
  const std::lock_guard lock(mutex_);
  return unsettled_.contains(job_set);
}

void RelayChecks::look() {
  const std::vector<JobSet> job_sets = next_ones();
  for (const JobSet& job_set : job_sets) look_at(job_set);
  looked();
}

// In turn, so that a few that never catch up do not hide the rest.
std::vector<JobSet> RelayChecks::next_ones() {
  const std::lock_guard lock(mutex_);
  std::vector<JobSet> chosen;
  if (stopped_) return chosen;
  auto at = unsettled_.upper_bound(last_looked_at_);
  while (chosen.size() < std::min(options_.at_once, unsettled_.size())) {
    if (at == unsettled_.end()) at = unsettled_.begin();
    chosen.push_back((at++)->first);
  }
  if (!chosen.empty()) last_looked_at_ = chosen.back();
  outstanding_ = chosen.size() + 1;
  return chosen;
}

void RelayChecks::look_at(const JobSet& job_set) {
  if (!wanted_(job_set)) {
    remove(job_set);
    looked();
    return;
  }
  reader_.summarize(job_set, [self = shared_from_this(),
                              job_set](const base::Result<lookup::JobSetSummary>& summary) {
    if (summary && summary->relay && self->has_settled(job_set, *summary->relay)) {
      self->remove(job_set);
    }
    self->looked();
  });
}

// What comes after the first catching up is told by the projection's own freshness.
bool RelayChecks::has_settled(const JobSet& job_set, const lookup::RelayStatus& relay) const {
  switch (relay.state) {
    case internal::v1::RELAY_STATE_UNSPECIFIED:
    case internal::v1::RELAY_STATE_CATCHING_UP:
    case internal::v1::RELAY_STATE_STOPPED:
      return false;
    default:
      break;
  }
  const std::lock_guard lock(mutex_);
  const auto found = unsettled_.find(job_set);
  if (found == unsettled_.end()) return false;
  const base::Time said = std::max(relay.state_since, relay.connected);
  return said >= found->second || clock_.now() >= found->second + options_.stale_state_grace;
}

void RelayChecks::looked() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || --outstanding_ > 0) return;
    looking_ = !unsettled_.empty();
    if (!looking_) return;
  }
  later_(options_.interval, [self = shared_from_this()] { self->look(); });
}

void RelayChecks::remove(const JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  unsettled_.erase(job_set);
  count();
}

void RelayChecks::count() {
  count_.store(unsettled_.size(), std::memory_order_release);
  gauge_.Set(static_cast<double>(unsettled_.size()));
}

}  // namespace armada_cache::query
