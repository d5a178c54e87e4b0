#include "projector/relay_board.h"

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::projector {
namespace {

using relay::Doubt;
using relay::meaning_of;

std::size_t index_of(int state) {
  return static_cast<std::size_t>(relay::state_of(state));
}

std::int64_t limit_of(const internal::v1::RelayRecord& record, RelayBoard::Source source) {
  const bool limited =
      source == RelayBoard::Source::kDisk || meaning_of(record.state()).limits_as_of;
  return limited ? record.connected_us() : JobSetCell::kNoLimit;
}

bool comes_out_of_doubt(const RelayBoard::Relay* before, const RelayBoard::Relay& after) {
  const Doubt doubt = meaning_of(after.status.state).doubt;
  return doubt != Doubt::kAlways &&
         (before == nullptr || meaning_of(before->status.state).doubt != doubt);
}

}  // namespace

void RelayBoard::put(const base::JobSet& job_set, const internal::v1::RelayRecord& record,
                     Source source) {
  Relay relay;
  relay.generation = record.generation();
  relay.limit = limit_of(record, source);
  relay.status = {job_set,
                  static_cast<int>(record.state()),
                  record.last_error(),
                  base::from_unix_micros(record.state_since_us()),
                  base::from_unix_micros(record.connected_us()),
                  base::from_unix_micros(record.updated_us())};
  const std::lock_guard lock(mutex_);
  const auto known = relays_.find(job_set);
  const Relay* before = known == relays_.end() ? nullptr : &known->second;
  relay.changed = before == nullptr ? 0 : before->changed;
  if (comes_out_of_doubt(before, relay) || relay.limit > (before == nullptr ? 0 : before->limit)) {
    relay.changed = mark_.load(std::memory_order_relaxed) + 1;
    mark_.store(relay.changed, std::memory_order_release);
    last_changed_ = job_set;
  }
  if (JobSetCell* cell = marks_.find(job_set)) cell->set_limit(relay.limit, relay.changed);
  remove(job_set);
  ++counts_[index_of(relay.status.state)];
  const relay::Meaning& meaning = meaning_of(relay.status.state);
  if (meaning.doubt == Doubt::kAlways) doubted_.emplace(record.connected_us(), job_set);
  if (meaning.rests) resting_.insert(job_set);
  relays_[job_set] = std::move(relay);
  publish();
}

void RelayBoard::erase(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  if (JobSetCell* cell = marks_.find(job_set)) cell->set_limit(0, mark());
  remove(job_set);
  publish();
}

void RelayBoard::remove(const base::JobSet& job_set) {
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) return;
  --counts_[index_of(found->second.status.state)];
  doubted_.erase({base::to_unix_micros(found->second.status.connected), job_set});
  resting_.erase(job_set);
  relays_.erase(found);
}

void RelayBoard::publish() {
  as_of_micros_.store(doubted_.empty() ? INT64_MAX : doubted_.begin()->first,
                      std::memory_order_release);
}

std::string RelayBoard::describe(const base::JobSet& job_set) const {
  return "the relay of queue " + job_set.queue + ", job set " + job_set.name;
}

std::string RelayBoard::doubt(std::uint64_t mark) const {
  const std::lock_guard lock(mutex_);
  if (doubted_.empty()) {
    if (mark_.load(std::memory_order_relaxed) == mark) return {};
    return describe(last_changed_) + " has caught up only now";
  }
  const base::JobSet& job_set = doubted_.begin()->second;
  const lookup::RelayStatus& status = relays_.at(job_set).status;
  std::string text = describe(job_set) + ": " + std::string(meaning_of(status.state).sentence);
  if (!status.last_error.empty()) text += " (" + status.last_error + ")";
  if (doubted_.size() > 1) {
    text += ", and " + std::to_string(doubted_.size() - 1) + " more relays are in doubt";
  }
  return text;
}

std::vector<base::JobSet> RelayBoard::resting(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<base::JobSet> chosen;
  auto at = resting_.upper_bound(last_rested_);
  while (chosen.size() < std::min(limit, resting_.size())) {
    if (at == resting_.end()) at = resting_.begin();
    chosen.push_back(*at++);
  }
  if (!chosen.empty()) last_rested_ = chosen.back();
  return chosen;
}

std::optional<RelayBoard::Relay> RelayBoard::find(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) return std::nullopt;
  return found->second;
}

std::int64_t RelayBoard::generation(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto found = relays_.find(job_set);
  return found == relays_.end() ? 0 : found->second.generation;
}

bool RelayBoard::expects_events(const base::JobSet& job_set) const {
  const std::optional<Relay> relay = find(job_set);
  return relay && meaning_of(relay->status.state).expects_events;
}

std::array<std::int64_t, relay::kStates> RelayBoard::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

JobSetCell* RelayBoard::hold_cell(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  JobSetCell& cell = marks_.hold(job_set);
  const auto found = relays_.find(job_set);
  if (found != relays_.end()) cell.set_limit(found->second.limit, found->second.changed);
  return &cell;
}

void RelayBoard::let_go_cell(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  marks_.let_go(job_set);
}

lookup::AskedAnswer RelayBoard::asked(const lookup::AskedRequest& request,
                                      std::size_t scan_max) const {
  const std::lock_guard lock(mutex_);
  return marks_.asked(request, scan_max);
}

}  // namespace armada_cache::projector
