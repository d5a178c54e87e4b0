#include "ingest/relay_hub.h"

#include <algorithm>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/log.h"
#include "core/topics/partitioner.h"
#include "core/topics/relay_generation.h"

namespace armada_cache::ingest {
namespace {

std::optional<base::Time> earlier(std::optional<base::Time> one, std::optional<base::Time> other) {
  if (one && other) return std::min(*one, *other);
  return one ? one : other;
}

}  // namespace

using base::JobSet;
using base::Time;

RelayHub::RelayHub(HubOptions options, RelayServices& services, std::uint64_t seed)
    : options_(options),
      services_(services),
      random_(seed),
      records_(options.records, services.appender, services.clock, services.post, seed),
      pulses_(options.pulse_interval, services.appender, services.clock) {
  services_.changed = [this](Relay& relay) { on_changed(relay); };
}

RelayHub::~RelayHub() {
  services_.changed = [](Relay&) {};
}

void RelayHub::take(const std::set<eventlog::Partition>& partitions, std::int64_t generation) {
  for (const auto partition : partitions) {
    revoked_.erase(partition);
    std::int64_t& known = services_.generations[partition];
    known = std::max({known, generation, std::int64_t{1}});
  }
  pulses_.take(partitions);
}

void RelayHub::restore(const JobSet& job_set, StoredRelay stored) {
  std::int64_t& generation = services_.generations[partition_of(job_set)];
  generation = std::max(generation, std::min(stored.generation + 1, topics::kMaxRelayGeneration));
  const auto known = stored_.find(job_set);
  if (known != stored_.end() && known->second.generation > stored.generation) return;
  stored_.insert_or_assign(job_set, std::move(stored));
}

void RelayHub::forget(const JobSet& job_set, std::optional<std::int64_t> by) {
  const auto known = stored_.find(job_set);
  const bool stale = by && known != stored_.end() && *by < known->second.generation;
  if (known != stored_.end() && !stale) stored_.erase(known);
  if (!by) return;
  std::int64_t& generation = services_.generations[partition_of(job_set)];
  generation = std::max(generation, std::min(*by + 1, topics::kMaxRelayGeneration));
}

void RelayHub::on_subscription(const topics::SubscriptionName& name,
                               const std::optional<internal::v1::SubscriptionRecord>& record) {
  leases_.apply(name, record);
  overwritten_.erase(name);
  if (!going_) return;
  refresh_and_tell(name.job_set);
  if (!record) return;
  const Time end = base::from_unix_micros(record->lease_expires_us());
  if (services_.clock.now() < end) lease_check_ = std::min(lease_check_.value_or(end), end);
}

void RelayHub::on_removal(const topics::SubscriptionName& name, Time end) {
  if (leases_.remove_ended(name, end)) {
    overwritten_.insert(name);
    if (going_) write_again(name);
  } else if (going_) {
    refresh_and_tell(name.job_set);
  }
}

void RelayHub::write_again(const topics::SubscriptionName& name) {
  overwritten_.erase(name);
  const auto lease = leases_.find(name);
  if (!lease) return;
  internal::v1::SubscriptionRecord record;
  record.set_lease_expires_us(base::to_unix_micros(lease->expires_at));
  record.set_created_us(base::to_unix_micros(lease->created_at));
  record.set_origin(lease->origin);
  write(topics::kSubscriptions, name.job_set, topics::subscription_record(name, record));
}

void RelayHub::go() {
  going_ = true;
  refresh_all();
  std::vector<JobSet> left_alive;
  for (const auto& [job_set, stored] : stored_) {
    const bool looks_alive = stored.status.state != RelayState::kStopped;
    const bool is_ours = relays_.contains(job_set) || turns_.contains(job_set);
    if (looks_alive && !is_ours) left_alive.push_back(job_set);
  }
  for (const JobSet& job_set : left_alive) write_stopped(job_set);
  for (const auto& name : std::set(overwritten_)) write_again(name);
  lease_check_ = leases_.next_expiry(services_.clock.now());
  forget_check_ = services_.clock.now() + options_.forget_interval;
}

void RelayHub::revoke(const std::set<eventlog::Partition>& partitions, bool lost) {
  revoked_.insert(partitions.begin(), partitions.end());
  pulses_.let_go(partitions);
  const auto revoked = [&](const JobSet& job_set) {
    return partitions.contains(partition_of(job_set));
  };
  leases_.forget_job_sets(revoked);
  std::erase_if(overwritten_, [&](const auto& name) { return revoked(name.job_set); });
  records_.leave_if([&](eventlog::Partition of) { return partitions.contains(of); });
  if (lost) drop(revoked);
  for (const auto& [job_set, relay] : relays_) {
    if (revoked(job_set) && relay->is_wanted()) relay->release();
  }
  let_go_of_turns(revoked, lost);
  std::erase_if(stored_, [&](const auto& entry) { return revoked(entry.first); });
  remove_finished();
}

void RelayHub::release_all() {
  going_ = false;
  pulses_.let_go_all();
  lease_check_.reset();
  forget_check_.reset();
  records_.leave_if([](eventlog::Partition) { return true; });
  for (const auto& [job_set, relay] : relays_) {
    if (relay->is_wanted()) relay->release();
  }
  let_go_of_turns([](const JobSet&) { return true; }, false);
  remove_finished();
}

void RelayHub::drop_all() {
  drop([](const JobSet&) { return true; });
}

void RelayHub::drop(const std::function<bool(const JobSet&)>& chosen) {
  std::vector<std::shared_ptr<Relay>> gone;
  for (const auto& [job_set, relay] : relays_) {
    if (chosen(job_set)) gone.push_back(relay);
  }
  for (const auto& relay : gone) {
    wakes_.set(relay.get(), std::nullopt);
    idle_.erase(relay.get());
    leaving_.erase(relay.get());
    relays_.erase(relay->job_set());
  }
}

void RelayHub::on_time() {
  const Time now = services_.clock.now();
  while (const auto relay = wakes_.pop_due(now)) {
    (*relay)->on_time();
    wakes_.set(*relay, (*relay)->wake_at());
  }
  records_.on_time();
  if (lease_check_ && *lease_check_ <= now) check_leases();
  if (forget_check_ && *forget_check_ <= now) forget_old(now);
  remove_finished();
  hurry_overdue(now);
  if (pulses_.is_due()) write_pulses();
}

std::optional<Time> RelayHub::next_wake() const {
  return earlier(earlier(earlier(wakes_.next(), records_.next_wake()), pulses_.next_wake()),
                 earlier(earlier(lease_check_, forget_check_), next_turn()));
}

std::optional<RelayStatus> RelayHub::status_of(const JobSet& job_set) const {
  if (const auto relay = relays_.find(job_set); relay != relays_.end()) {
    return relay->second->status();
  }
  const auto stored = stored_.find(job_set);
  if (stored == stored_.end()) return std::nullopt;
  return stored->second.status;
}

void RelayHub::on_changed(Relay& relay) {
  wakes_.set(&relay, relay.wake_at());
  if (relay.is_wanted()) leaving_.erase(&relay);
  if (!relay.is_wanted()) leaving_.insert(&relay);
  if (!relay.can_give_way()) idle_.erase(&relay);
  const bool can_now = relay.can_give_way() && idle_.insert(&relay).second;
  if (can_now && turns_.next(services_.clock.now())) services_.post([this] { fill_places(); });
  if (!relay.is_finished()) return;
  // It is in the middle of something; it goes when that is done.
  finished_.push_back(relay.job_set());
  services_.post([this] { remove_finished(); });
}

void RelayHub::remove_finished() {
  for (const JobSet& job_set : std::exchange(finished_, {})) {
    const auto found = relays_.find(job_set);
    if (found == relays_.end() || !found->second->is_finished()) continue;
    if (!revoked_.contains(partition_of(job_set))) {
      stored_.insert_or_assign(job_set,
                               StoredRelay{found->second->status(), generation_of(job_set)});
    }
    wakes_.set(found->second.get(), std::nullopt);
    idle_.erase(found->second.get());
    leaving_.erase(found->second.get());
    relays_.erase(found);
    admit_doubt(job_set);
    count_turn(job_set);
  }
  fill_places();
}

bool RelayHub::is_wanted(const JobSet& job_set) const {
  return leases_.is_live(job_set, services_.clock.now());
}

void RelayHub::refresh(const JobSet& job_set) {
  const bool wanted = is_wanted(job_set);
  const auto found = relays_.find(job_set);
  if (turns_.contains(job_set)) return refresh_turn(job_set, wanted);
  if (found == relays_.end()) {
    if (wanted) admit(job_set);
    return;
  }
  // It was restored while the relay, let go and not finished, came to be ours again.
  stored_.erase(job_set);
  const std::shared_ptr<Relay> relay = found->second;
  if (wanted && relay->is_wanted()) relay->renew();
  if (wanted && !relay->is_wanted()) relay->start();
  if (!wanted && relay->is_wanted()) relay->stop();
}

// A relay writes its record by itself.
void RelayHub::refresh_and_tell(const JobSet& job_set) {
  const bool had_turn = turns_.contains(job_set);
  refresh(job_set);
  if (!had_turn) return;
  const auto relay = relays_.find(job_set);
  if (relay != relays_.end() && relay->second->is_wanted()) return relay->second->renew();
  const bool rests = relay == relays_.end() && turns_.contains(job_set);
  if (rests) write_stored(job_set, stored_status(job_set));
}

void RelayHub::refresh_all() {
  for (const JobSet& job_set : leases_.live_job_sets(services_.clock.now())) {
    if (!turns_.contains(job_set)) refresh(job_set);
  }
  fill_places();
}

void RelayHub::write_stopped(const JobSet& job_set) {
  RelayStatus status = stored_status(job_set);
  status.state = RelayState::kStopped;
  status.state_since = services_.clock.now();
  status.last_error.clear();
  write_stored(job_set, std::move(status));
}

void RelayHub::write_stored(const JobSet& job_set, RelayStatus status) {
  write(topics::kRelays, job_set,
        encode_relay(job_set, status, generation_of(job_set), services_.clock.now()));
  stored_.insert_or_assign(job_set, StoredRelay{std::move(status), generation_of(job_set)});
}

void RelayHub::write(std::string_view topic, const JobSet& job_set, eventlog::Record record) {
  records_.write({std::string(topic), partition_of(job_set)}, std::move(record));
}

eventlog::Partition RelayHub::partition_of(const JobSet& job_set) const {
  return topics::partition_of_job_set(job_set, services_.options.partitions);
}

// None for a partition whose readers would then believe what is not so: the next time.
void RelayHub::write_pulses() {
  std::map<eventlog::Partition, Time> vouched;
  if (going_) {
    for (const auto partition : pulses_.partitions()) vouched[partition] = services_.clock.now();
  }
  for (const auto partition : records_.held_back(topics::kRelays)) vouched.erase(partition);
  for (const auto& [job_set, relay] : relays_) {
    const auto at = vouched.find(relay->home());
    if (at == vouched.end()) continue;
    const auto until = relay->vouched_until(pulses_.interval());
    if (until) at->second = std::min(at->second, *until);
    if (!until) vouched.erase(at);
  }
  pulses_.write(vouched, services_.generations);
}

// Renewals move the ends of leases all the time, and looking through all of them costs: so not
// more often than the pause.
void RelayHub::check_leases() {
  const Time now = services_.clock.now();
  stop_unwanted(now);
  const auto next = leases_.next_expiry(now);
  lease_check_.reset();
  if (next) lease_check_ = std::max(*next, now + options_.lease_check_pause);
}

void RelayHub::stop_unwanted(Time now) {
  std::vector<JobSet> ended;
  for (const auto& [job_set, relay] : relays_) {
    if (relay->is_wanted() && !leases_.is_live(job_set, now)) ended.push_back(job_set);
  }
  turns_.each([&](const JobSet& job_set) {
    if (!leases_.is_live(job_set, now)) ended.push_back(job_set);
  });
  for (const JobSet& job_set : ended) refresh(job_set);
}

void RelayHub::forget_old(Time now) {
  const std::size_t most = std::max(forget_leases(now), forget_stopped(now));
  const bool more = most == options_.forgotten_at_once;
  forget_check_ = now + (more ? options_.lease_check_pause : options_.forget_interval);
}

std::size_t RelayHub::forget_leases(Time now) {
  const auto ended =
      leases_.ended_before(now - options_.forget_leases_after, options_.forgotten_at_once);
  for (const auto& name : ended) {
    const auto lease = leases_.find(name);
    write(topics::kSubscriptions, name.job_set,
          topics::subscription_removal(name, lease->expires_at));
    leases_.apply(name, std::nullopt);
  }
  return ended.size();
}

std::size_t RelayHub::forget_stopped(Time now) {
  std::vector<JobSet> forgotten;
  for (const auto& [job_set, stored] : stored_) {
    if (forgotten.size() == options_.forgotten_at_once) break;
    if (stored.status.state != RelayState::kStopped) continue;
    if (stored.status.state_since < now - options_.relay_retention) forgotten.push_back(job_set);
  }
  for (const JobSet& job_set : forgotten) {
    write(topics::kRelays, job_set, topics::relay_tombstone(job_set, generation_of(job_set)));
    stored_.erase(job_set);
  }
  return forgotten.size();
}

RelayStatus RelayHub::stored_status(const JobSet& job_set) const {
  const auto stored = stored_.find(job_set);
  return stored == stored_.end() ? RelayStatus{} : stored->second.status;
}

std::int64_t RelayHub::generation_of(const JobSet& job_set) const {
  const auto known = services_.generations.find(partition_of(job_set));
  return known == services_.generations.end() ? 0 : known->second;
}

}  // namespace armada_cache::ingest
