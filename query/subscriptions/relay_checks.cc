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
    Unsettled& added = unsettled_[job_set];
    added.since = std::max(added.since, since);
    added.addition = ++additions_;
    added.ask_at = added.since + options_.ask_after;
    added.ask_pause = std::min(options_.ask_pause, options_.ask_pause_max);
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
  std::vector<Seen> chosen = next_ones();
  std::erase_if(chosen, [this](const Seen& seen) {
    const bool ended = !wanted_(seen.job_set);
    if (ended) remove(seen);
    return ended;
  });
  if (chosen.empty()) return look_later();
  std::vector<JobSet> job_sets;
  job_sets.reserve(chosen.size());
  for (const Seen& seen : chosen) job_sets.push_back(seen.job_set);
  reader_.relays(std::move(job_sets), [self = shared_from_this(), chosen = std::move(chosen)](
                                          const base::Result<lookup::RelaysAnswer>& answer) {
    if (answer) self->judge(chosen, *answer);
    self->look_later();
  });
}

void RelayChecks::judge(const std::vector<Seen>& chosen, const lookup::RelaysAnswer& answer) {
  for (std::size_t i = 0; i < chosen.size() && i < answer.relays.size(); ++i) {
    if (has_settled(chosen[i].since, answer.relays[i])) {
      remove(chosen[i]);
    } else {
      ask(chosen[i]);
    }
  }
}

void RelayChecks::ask(const Seen& seen) {
  const base::Time now = clock_.now();
  const auto found_due = [&]() -> Unsettled* {
    const auto found = unsettled_.find(seen.job_set);
    if (found == unsettled_.end() || found->second.addition != seen.addition) return nullptr;
    return found->second.ask_at <= now ? &found->second : nullptr;
  };
  {
    const std::lock_guard lock(mutex_);
    if (found_due() == nullptr) return;
  }
  if (!ask_(seen.job_set)) return;
  const std::lock_guard lock(mutex_);
  if (Unsettled* const asked = found_due()) {
    asked->ask_at = now + asked->ask_pause;
    asked->ask_pause = std::min(2 * asked->ask_pause, options_.ask_pause_max);
  }
}

// In turn, so that a few that never catch up do not hide the rest.
std::vector<RelayChecks::Seen> RelayChecks::next_ones() {
  const std::lock_guard lock(mutex_);
  std::vector<Seen> chosen;
  if (stopped_) return chosen;
  auto at = unsettled_.upper_bound(last_looked_at_);
  while (chosen.size() < std::min(options_.at_once, unsettled_.size())) {
    if (at == unsettled_.end()) at = unsettled_.begin();
    chosen.push_back({at->first, at->second.since, at->second.addition});
    ++at;
  }
  if (!chosen.empty()) last_looked_at_ = chosen.back().job_set;
  return chosen;
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

void RelayChecks::remove(const Seen& seen) {
  const std::lock_guard lock(mutex_);
  const auto found = unsettled_.find(seen.job_set);
  if (found == unsettled_.end() || found->second.addition != seen.addition) return;
  unsettled_.erase(found);
  count();
}

void RelayChecks::count() {
  count_.store(unsettled_.size(), std::memory_order_release);
  gauge_.Set(static_cast<double>(unsettled_.size()));
}

}  // namespace armada_cache::query
