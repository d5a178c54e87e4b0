#include "ingest/relay_hub.h"

#include <algorithm>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/log.h"
#include "core/topics/partitioner.h"

namespace armada_cache::ingest {
namespace {

// Renewals move the ends of leases all the time; looking through all of them costs.
constexpr base::Duration kLeaseCheckPause = std::chrono::seconds(1);
constexpr std::size_t kForgottenAtOnce = 1000;

}  // namespace

using base::JobSet;
using base::Time;

RelayHub::RelayHub(HubOptions options, RelayServices& services, std::uint64_t seed)
    : options_(options), services_(services), random_(seed) {
  services_.changed = [this](Relay& relay) { on_changed(relay); };
}

RelayHub::~RelayHub() {
  services_.changed = [](Relay&) {};
}

void RelayHub::restore(const JobSet& job_set, StoredRelay stored) {
  highest_generation_ = std::max(highest_generation_, stored.generation);
  const auto known = stored_.find(job_set);
  if (known != stored_.end() && known->second.generation > stored.generation) return;
  stored_.insert_or_assign(job_set, std::move(stored));
}

void RelayHub::on_subscription(const topics::SubscriptionName& name,
                               const std::optional<internal::v1::SubscriptionRecord>& record) {
  leases_.apply(name, record);
  if (!going_) return;
  refresh(name.job_set);
  if (!record) return;
  const Time end = base::from_unix_micros(record->lease_expires_us());
  if (services_.clock.now() < end) lease_check_ = std::min(lease_check_.value_or(end), end);
}

void RelayHub::go() {
  going_ = true;
  refresh_all();
  for (auto& [job_set, stored] : stored_) {
    const bool looks_alive = stored.status.state != RelayState::kStopped;
    if (looks_alive && !turned_away_.contains(job_set)) write_stopped(job_set, stored);
  }
  lease_check_ = leases_.next_expiry(services_.clock.now());
}

void RelayHub::revoke(const std::set<eventlog::Partition>& partitions) {
  const auto revoked = [&](const JobSet& job_set) {
    return partitions.contains(topics::partition_of_job_set(job_set, services_.options.partitions));
  };
  leases_.forget_job_sets(revoked);
  std::erase_if(stored_, [&](const auto& entry) { return revoked(entry.first); });
  std::erase_if(turned_away_, revoked);
  for (const auto& [job_set, relay] : relays_) {
    if (revoked(job_set) && relay->is_wanted()) relay->release();
  }
  remove_finished();
}

void RelayHub::release_all() {
  going_ = false;
  lease_check_.reset();
  turned_away_.clear();
  for (const auto& [job_set, relay] : relays_) {
    if (relay->is_wanted()) relay->release();
  }
  remove_finished();
}

void RelayHub::drop_all() {
  for (const auto& [job_set, relay] : relays_) wakes_.set(relay.get(), std::nullopt);
  relays_.clear();
}

void RelayHub::on_time() {
  const Time now = services_.clock.now();
  while (const auto relay = wakes_.pop_due(now)) {
    (*relay)->on_time();
    wakes_.set(*relay, (*relay)->wake_at());
  }
  if (lease_check_ && *lease_check_ <= now) check_leases();
  remove_finished();
}

std::optional<Time> RelayHub::next_wake() const {
  const auto relay = wakes_.next();
  if (relay && lease_check_) return std::min(*relay, *lease_check_);
  return relay ? relay : lease_check_;
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
  if (!relay.is_finished()) return;
  // It is in the middle of something; it goes when that is done.
  finished_.push_back(relay.job_set());
  services_.post([this] { remove_finished(); });
}

void RelayHub::remove_finished() {
  for (const JobSet& job_set : std::exchange(finished_, {})) {
    const auto found = relays_.find(job_set);
    if (found == relays_.end() || !found->second->is_finished()) continue;
    stored_.insert_or_assign(job_set, StoredRelay{found->second->status(), services_.generation});
    wakes_.set(found->second.get(), std::nullopt);
    relays_.erase(found);
  }
  while (going_ && !turned_away_.empty() && relays_.size() < options_.max_job_sets) {
    const JobSet next = *turned_away_.begin();
    turned_away_.erase(turned_away_.begin());
    refresh(next);
  }
}

void RelayHub::refresh(const JobSet& job_set) {
  const bool wanted = leases_.is_live(job_set, services_.clock.now());
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) {
    if (wanted) admit(job_set);
    if (!wanted) turned_away_.erase(job_set);
    return;
  }
  const std::shared_ptr<Relay> relay = found->second;
  if (wanted && relay->is_wanted()) relay->renew();
  if (wanted && !relay->is_wanted()) relay->start();
  if (!wanted && relay->is_wanted()) relay->stop();
}

void RelayHub::refresh_all() {
  for (const JobSet& job_set : leases_.live_job_sets(services_.clock.now())) refresh(job_set);
}

void RelayHub::admit(const JobSet& job_set) {
  if (relays_.size() < options_.max_job_sets) return begin(job_set);
  if (turned_away_.insert(job_set).second) turn_away(job_set);
}

void RelayHub::turn_away(const JobSet& job_set) {
  RelayStatus status = stored_status(job_set);
  status.state = RelayState::kRetrying;
  status.state_since = services_.clock.now();
  status.last_error = "this ingest relays " + std::to_string(options_.max_job_sets) +
                      " job sets already: raise the setting ingest-max-job-sets, or run more" +
                      " ingest processes";
  base::log_warn(
      "a job set has to wait: too many are followed",
      {{"queue", job_set.queue}, {"job_set", job_set.name}, {"limit", options_.max_job_sets}});
  append_unacknowledged(topics::kRelays, job_set,
                        encode_relay(job_set, status, services_.generation, status.state_since));
}

void RelayHub::begin(const JobSet& job_set) {
  auto relay = std::make_shared<Relay>(services_, job_set, stored_status(job_set), random_());
  stored_.erase(job_set);
  relays_.emplace(job_set, relay);
  relay->start();
}

void RelayHub::write_stopped(const JobSet& job_set, StoredRelay& stored) {
  const Time now = services_.clock.now();
  stored.status.state = RelayState::kStopped;
  stored.status.state_since = now;
  stored.status.last_error.clear();
  append_unacknowledged(topics::kRelays, job_set,
                        encode_relay(job_set, stored.status, services_.generation, now));
}

void RelayHub::append_unacknowledged(std::string_view topic, const JobSet& job_set,
                                     eventlog::Record record) {
  const auto partition = topics::partition_of_job_set(job_set, services_.options.partitions);
  std::vector<eventlog::Record> records;
  records.push_back(std::move(record));
  services_.appender.append(
      {std::string(topic), partition}, std::move(records), [](const auto& result) {
        if (!result)
          base::log_warn("a record was not written", {{"error", result.error().message}});
      });
}

void RelayHub::check_leases() {
  const Time now = services_.clock.now();
  std::vector<JobSet> ended;
  for (const auto& [job_set, relay] : relays_) {
    if (relay->is_wanted() && !leases_.is_live(job_set, now)) ended.push_back(job_set);
  }
  for (const JobSet& job_set : ended) refresh(job_set);
  for (const auto& name :
       leases_.ended_before(now - options_.forget_leases_after, kForgottenAtOnce)) {
    append_unacknowledged(topics::kSubscriptions, name.job_set,
                          topics::subscription_tombstone(name));
    leases_.apply(name, std::nullopt);
  }
  const auto next = leases_.next_expiry(now);
  lease_check_.reset();
  if (next) lease_check_ = std::max(*next, now + kLeaseCheckPause);
}

RelayStatus RelayHub::stored_status(const JobSet& job_set) const {
  const auto stored = stored_.find(job_set);
  return stored == stored_.end() ? RelayStatus{} : stored->second.status;
}

}  // namespace armada_cache::ingest
