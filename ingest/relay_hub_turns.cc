#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "ingest/relay_hub.h"

namespace armada_cache::ingest {

using base::JobSet;
using base::Time;

namespace {

bool is_in_doubt(const RelayStatus& status) {
  return relay::meaning_of(status.state).doubt == relay::Doubt::kAlways;
}

}  // namespace

void RelayHub::admit(const JobSet& job_set) {
  turns_.wait(job_set);
  fill_places();
  if (turns_.is_waiting(job_set)) turn_away(job_set);
}

void RelayHub::turn_away(const JobSet& job_set) {
  RelayStatus status = stored_status(job_set);
  status.state = RelayState::kRetrying;
  status.state_since = services_.clock.now();
  status.last_error = "this ingest relays " + std::to_string(options_.max_job_sets) +
                      " job sets already: raise the setting max-job-sets, or run more" +
                      " ingest processes";
  if (const auto left_out = services_.lines.states.take()) {
    base::log_warn("a job set has to wait: too many are followed",
                   {{"queue", job_set.queue},
                    {"job_set", job_set.name},
                    {"limit", options_.max_job_sets},
                    {"lines_left_out_before", *left_out}});
  }
  write_stored(job_set, std::move(status));
  count_turn(job_set);
}

// As long as places are full of job sets that cannot give way, nothing is known of one whose look
// is due.
void RelayHub::admit_doubt(const JobSet& job_set) {
  const bool unseen = turns_.is_waiting(job_set) && !relays_.contains(job_set);
  if (unseen && !is_in_doubt(stored_status(job_set))) turn_away(job_set);
}

void RelayHub::begin(const JobSet& job_set) {
  const bool waited = turns_.is_waiting(job_set);
  turns_.erase(job_set);
  if (const auto leaving = relays_.find(job_set); leaving != relays_.end()) {
    return std::shared_ptr(leaving->second)->start();
  }
  const RelayStatus stored = stored_status(job_set);
  auto relay = std::make_shared<Relay>(services_, job_set, stored, random_());
  stored_.erase(job_set);
  count_turn(job_set);
  // From here on the relay itself writes the record.
  records_.leave(topics::kRelays, topics::encode_key(job_set));
  relays_.emplace(job_set, relay);
  if (waited) return relay->start();
  relay->look(stored);
}

void RelayHub::refresh_turn(const JobSet& job_set, bool wanted) {
  if (!wanted) {
    turns_.erase(job_set);
    const auto leaving = relays_.find(job_set);
    if (leaving != relays_.end()) return std::shared_ptr(leaving->second)->stop();
    write_stopped(job_set);
    return count_turn(job_set);
  }
  const RelayState state = status_of(job_set).value_or(RelayStatus{}).state;
  if (state == RelayState::kParked) turns_.wait(job_set);
  if (state == RelayState::kGone) turns_.hurry(job_set, services_.clock.now());
  fill_places();
}

void RelayHub::fill_places() {
  if (!going_) return;
  const Time now = services_.clock.now();
  for (auto next = turns_.next(now); next; next = turns_.next(now)) {
    if (!is_wanted(*next)) {
      refresh_turn(*next, false);
      continue;
    }
    if (relays_.size() >= options_.max_job_sets && !relays_.contains(*next)) break;
    begin(*next);
  }
  while (!idle_.empty() && turns_.ready(now, leaving_.size() + 1) > leaving_.size()) {
    give_way(**idle_.begin());
  }
  services_.metrics.waiting(turns_.waiting());
}

void RelayHub::give_way(Relay& relay) {
  turns_.rest(relay.job_set(), services_.clock.now() + pause_before_look(relay.status()));
  relay.give_way();
}

// One that Armada has not had for long is not likely to be there in a moment, and there may be many
// of them: but for that, the pauses are those of one with a place.
base::Duration RelayHub::pause_before_look(const RelayStatus& status) {
  const RelayTimes& times = services_.options.times;
  base::Duration pause = times.refused_retry;
  if (status.state == RelayState::kParked) pause = times.parked_look;
  if (status.state == RelayState::kGone) {
    pause = std::min(pause, services_.clock.now() - status.state_since);
    pause = std::max(pause, times.missing_queue_retry);
  }
  return Backoff({}, random_()).around(pause);
}

// So that it is not for ever behind those that come anew.
void RelayHub::hurry_overdue(Time now) {
  const Time too_late = now - services_.options.times.missing_queue_retry;
  while (const auto overdue = turns_.due_by(too_late)) {
    turns_.wait(*overdue);
    admit_doubt(*overdue);
  }
  services_.metrics.waiting(turns_.waiting());
}

std::optional<Time> RelayHub::next_turn() const {
  const auto first = turns_.first_due();
  if (!going_ || !first) return std::nullopt;
  const Time overdue = *first + services_.options.times.missing_queue_retry;
  return std::min(overdue, turns_.due_after(services_.clock.now()).value_or(overdue));
}

// Of what was certain while this ingest looked, nobody knows until another does.
void RelayHub::let_go_of_turns(const std::function<bool(const JobSet&)>& chosen, bool silently) {
  std::vector<JobSet> gone;
  turns_.each([&](const JobSet& job_set) {
    if (chosen(job_set)) gone.push_back(job_set);
  });
  for (const JobSet& job_set : gone) {
    turns_.erase(job_set);
    counts_.erase(job_set);
    if (const auto leaving = relays_.find(job_set); leaving != relays_.end()) {
      std::shared_ptr(leaving->second)->release();
      continue;
    }
    RelayStatus status = stored_status(job_set);
    if (silently || is_in_doubt(status)) continue;
    status.state = RelayState::kRetrying;
    status.state_since = services_.clock.now();
    status.last_error = kLetGo;
    write_stored(job_set, std::move(status));
  }
  services_.metrics.waiting(turns_.waiting());
}

// A relay counts itself.
void RelayHub::count_turn(const JobSet& job_set) {
  counts_.erase(job_set);
  if (!turns_.contains(job_set) || relays_.contains(job_set)) return;
  counts_.emplace(job_set, RelayCount(services_.metrics, stored_status(job_set).state));
}

}  // namespace armada_cache::ingest
