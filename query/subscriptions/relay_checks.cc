#include "query/subscriptions/relay_checks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/relay/state.h"

namespace armada_cache::query {

using base::JobSet;

std::string doubt_of_relay(const std::optional<lookup::RelayStatus>& relay) {
  if (!relay) return "its events have not begun to arrive";
  std::string text(relay::meaning_of(relay->state).sentence);
  if (!text.empty() && !relay->last_error.empty()) text += ": " + relay->last_error;
  return text;
}

RelayChecks::RelayChecks(const Options& options, lookup::JobReader& reader,
                         const base::Clock& clock, Later later, Wanted wanted, Ask ask,
                         base::Metrics& metrics)
    : options_(options),
      reader_(reader),
      clock_(clock),
      later_(std::move(later)),
      wanted_(std::move(wanted)),
      ask_(std::move(ask)),
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
  std::vector<JobSet> job_sets = next_ones();
  for (const JobSet& job_set : job_sets) {
    if (!wanted_(job_set)) remove(job_set);
  }
  std::erase_if(job_sets, [this](const JobSet& job_set) { return !contains(job_set); });
  if (job_sets.empty()) return look_later();
  reader_.relays(job_sets, [self = shared_from_this(),
                            job_sets](const base::Result<lookup::RelaysAnswer>& answer) {
    if (answer) self->judge(job_sets, *answer);
    self->look_later();
  });
}

void RelayChecks::judge(const std::vector<JobSet>& job_sets, const lookup::RelaysAnswer& answer) {
  for (std::size_t i = 0; i < job_sets.size() && i < answer.relays.size(); ++i) {
    const auto counts_from = since(job_sets[i]);
    if (!counts_from) continue;
    if (has_settled(*counts_from, answer.relays[i])) {
      remove(job_sets[i]);
    } else if (clock_.now() >= *counts_from + options_.ask_after) {
      ask_(job_sets[i]);
    }
  }
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
  return chosen;
}

std::optional<base::Time> RelayChecks::since(const JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto found = unsettled_.find(job_set);
  if (found == unsettled_.end()) return std::nullopt;
  return found->second;
}

bool RelayChecks::has_settled(base::Time since, const std::optional<lookup::RelayStatus>& relay) {
  return relay && relay->written >= since &&
         relay::meaning_of(relay->state).doubt != relay::Doubt::kWhileWanted;
}

void RelayChecks::look_later() {
  {
    const std::lock_guard lock(mutex_);
    looking_ = !stopped_ && !unsettled_.empty();
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
