#include "projector/relay_board.h"

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::projector {
namespace {

std::size_t index_of(int state) {
  return state >= 0 && static_cast<std::size_t>(state) < RelayBoard::kStates
             ? static_cast<std::size_t>(state)
             : 0;
}

}  // namespace

bool RelayBoard::is_settled(int state) {
  switch (state) {
    case internal::v1::RELAY_STATE_FOLLOWING:
    case internal::v1::RELAY_STATE_REFUSED:
    case internal::v1::RELAY_STATE_GONE:
    case internal::v1::RELAY_STATE_PARKED:
    case internal::v1::RELAY_STATE_STOPPED:
      return true;
    default:
      return false;
  }
}

void RelayBoard::put(const base::JobSet& job_set, const internal::v1::RelayRecord& record) {
  Relay relay;
  relay.generation = record.generation();
  relay.status = {job_set, static_cast<int>(record.state()), record.last_error(),
                  base::from_unix_micros(record.state_since_us()),
                  base::from_unix_micros(record.connected_us())};
  const std::lock_guard lock(mutex_);
  remove(job_set);
  ++counts_[index_of(relay.status.state)];
  if (!is_settled(relay.status.state)) unsettled_.emplace(record.connected_us(), job_set);
  relays_[job_set] = std::move(relay);
  publish();
}

void RelayBoard::erase(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  remove(job_set);
  publish();
}

void RelayBoard::remove(const base::JobSet& job_set) {
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) return;
  --counts_[index_of(found->second.status.state)];
  unsettled_.erase({base::to_unix_micros(found->second.status.connected), job_set});
  relays_.erase(found);
}

void RelayBoard::publish() {
  as_of_micros_.store(unsettled_.empty() ? INT64_MAX : unsettled_.begin()->first,
                      std::memory_order_release);
  unsettled_count_.store(unsettled_.size(), std::memory_order_release);
}

std::string RelayBoard::doubt() const {
  const std::lock_guard lock(mutex_);
  if (unsettled_.empty()) return {};
  const base::JobSet& job_set = unsettled_.begin()->second;
  const lookup::RelayStatus& status = relays_.at(job_set).status;
  std::string text = "the relay of queue " + job_set.queue + ", job set " + job_set.name;
  text += status.state == internal::v1::RELAY_STATE_RETRYING ? " is disconnected and tries again"
                                                             : " has not caught up yet";
  if (!status.last_error.empty()) text += " (" + status.last_error + ")";
  if (unsettled_.size() > 1) {
    text += ", and " + std::to_string(unsettled_.size() - 1) + " more relays are not caught up";
  }
  return text;
}

std::optional<lookup::RelayStatus> RelayBoard::find(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) return std::nullopt;
  return found->second.status;
}

std::int64_t RelayBoard::generation(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto found = relays_.find(job_set);
  return found == relays_.end() ? 0 : found->second.generation;
}

bool RelayBoard::expects_events(const base::JobSet& job_set) const {
  const std::optional<lookup::RelayStatus> relay = find(job_set);
  return relay && relay->state != internal::v1::RELAY_STATE_STOPPED &&
         relay->state != internal::v1::RELAY_STATE_GONE;
}

std::array<std::int64_t, RelayBoard::kStates> RelayBoard::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace armada_cache::projector
