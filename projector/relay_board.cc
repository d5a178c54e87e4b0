#include "projector/relay_board.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/pulse.h"

namespace armada_cache::projector {
namespace {

using relay::Doubt;
using relay::meaning_of;

std::size_t index_of(int state) {
  return static_cast<std::size_t>(relay::state_of(state));
}

// The log's times are cut to milliseconds: what was appended earlier may bear the same one.
std::int64_t in_log_by(base::Time appended_at) {
  return base::to_unix_micros(appended_at + std::chrono::milliseconds(1));
}

std::int64_t limit_of(const lookup::RelayStatus& status) {
  return relay_limit(status.state, base::to_unix_micros(status.connected));
}

// Two records that say the same may have had others between them that compaction took.
bool began_anew(const RelayBoard::Relay& before, const lookup::RelayStatus& status) {
  return before.limit.limit == RelayLimit::kNone && limit_of(status) == RelayLimit::kNone &&
         before.status.state_since != status.state_since;
}

// As it was at the worst between the record before and this one.
RelayLimit least_since(const RelayBoard::Relay* before, const lookup::RelayStatus& status,
                       const RelayBoard::Origin& origin) {
  RelayLimit limit = before == nullptr ? RelayLimit{} : before->limit;
  limit.lower(std::min(limit.limit, origin.least));
  if (before != nullptr && began_anew(*before, status)) {
    limit.lower(std::min(limit.limit, base::to_unix_micros(before->status.connected)));
  }
  return limit;
}

// Whether it is without doubt only as long as somebody follows it.
bool relies_on_its_ingest(const lookup::RelayStatus& status) {
  return meaning_of(status.state).doubt == Doubt::kNone;
}

bool comes_out_of_doubt(const RelayBoard::Relay* before, const RelayBoard::Relay& after) {
  const Doubt doubt = meaning_of(after.status.state).doubt;
  return doubt != Doubt::kAlways &&
         (before == nullptr || meaning_of(before->status.state).doubt != doubt);
}

}  // namespace

std::int64_t relay_limit(int state, std::int64_t connected_us) {
  return meaning_of(state).limits_as_of ? connected_us : RelayLimit::kNone;
}

void RelayBoard::put(const base::JobSet& job_set, const internal::v1::RelayRecord& record,
                     const Origin& origin) {
  if (topics::is_pulse(job_set)) return hear(job_set, record, origin);
  Relay relay;
  relay.generation = record.generation();
  relay.status = {job_set,
                  static_cast<int>(record.state()),
                  record.last_error(),
                  base::from_unix_micros(record.state_since_us()),
                  base::from_unix_micros(record.connected_us()),
                  base::from_unix_micros(record.updated_us())};
  const std::lock_guard lock(mutex_);
  const auto silent_after = pulses_.silent_after(job_set);
  if (silent_after && relies_on_its_ingest(relay.status)) {
    relay.said = relay.status;
    relay.status = worth(*relay.said, *silent_after);
  }
  set(job_set, std::move(relay), origin);
}

void RelayBoard::set(const base::JobSet& job_set, Relay relay, const Origin& origin) {
  const auto known = relays_.find(job_set);
  const Relay* before = known == relays_.end() ? nullptr : &known->second;
  relay.changed = before == nullptr ? 0 : before->changed;
  relay.limit = least_since(before, relay.status, origin);
  const std::int64_t connected = base::to_unix_micros(relay.status.connected);
  const std::int64_t to = origin.source == Source::kDisk ? connected : limit_of(relay.status);
  const bool raised = to > relay.limit.limit;
  relay.limit.change(to, in_log_by(origin.appended_at), visible_micros());
  if (raised || comes_out_of_doubt(before, relay)) relay.changed = next_mark(job_set);
  if (JobSetCell* cell = cells_.find(job_set)) cell->set_limit(relay.limit);
  remove(job_set);
  ++counts_[index_of(relay.status.state)];
  const relay::Meaning& meaning = meaning_of(relay.status.state);
  if (meaning.doubt == Doubt::kAlways) doubted_.emplace(connected, job_set);
  if (meaning.doubt != Doubt::kWhileWanted && to != RelayLimit::kNone)
    limited_.emplace(to, job_set);
  if (meaning.rests) resting_.insert(job_set);
  relays_[job_set] = std::move(relay);
  publish(raised, origin.appended_at);
}

void RelayBoard::hear(const base::JobSet& pulse, const internal::v1::RelayRecord& record,
                      const Origin& origin) {
  const std::lock_guard lock(mutex_);
  std::optional<base::Time> appended_at;
  if (origin.source == Source::kLog) appended_at = origin.appended_at;
  const base::Time vouched = base::from_unix_micros(record.connected_us());
  if (pulses_.hear(pulse, vouched, appended_at)) take_silence_into_account(false, origin);
}

void RelayBoard::note_silence(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  // What it lowers counts at once, whenever it was appended.
  if (pulses_.note_silence(now)) take_silence_into_account(true, {});
}

// Ingests fell silent, or one is heard again.
void RelayBoard::take_silence_into_account(bool silent, const Origin& origin) {
  std::vector<std::pair<base::JobSet, Relay>> changed;
  for (const auto& [job_set, relay] : relays_) {
    const bool concerned = silent ? relies_on_its_ingest(relay.status) : relay.said.has_value();
    if (!concerned) continue;
    const auto silent_after = pulses_.silent_after(job_set);
    if (silent_after.has_value() != silent) continue;
    Relay& change = changed.emplace_back(job_set, relay).second;
    if (silent) {
      change.said = relay.status;
      change.status = worth(relay.status, *silent_after);
    } else {
      change.status = *std::exchange(change.said, std::nullopt);
    }
  }
  for (auto& [job_set, relay] : changed) set(job_set, std::move(relay), origin);
}

// What was said to follow was whole when its ingest was last heard; nobody has looked since whether
// there is a job set that there was not.
lookup::RelayStatus RelayBoard::worth(const lookup::RelayStatus& said, base::Time vouched) const {
  lookup::RelayStatus worth = said;
  worth.state = static_cast<int>(relay::State::kRetrying);
  worth.state_since = std::max(said.state_since, vouched);
  worth.last_error = "no ingest has said for " + std::to_string(pulses_.patience().count()) +
                     " ms that it still follows it";
  if (!meaning_of(said.state).limits_as_of) worth.connected = std::max(said.connected, vouched);
  return worth;
}

void RelayBoard::erase(const base::JobSet& job_set, base::Time appended_at) {
  const std::lock_guard lock(mutex_);
  const auto known = relays_.find(job_set);
  if (known == relays_.end()) return;
  RelayLimit none = known->second.limit;
  none.lower(0);
  if (JobSetCell* cell = cells_.find(job_set)) cell->set_limit(none);
  remove(job_set);
  publish(false, appended_at);
}

std::uint64_t RelayBoard::next_mark(const base::JobSet& job_set) {
  const std::uint64_t next = mark_.load(std::memory_order_relaxed) + 1;
  mark_.store(next, std::memory_order_release);
  last_changed_ = job_set;
  return next;
}

std::int64_t RelayBoard::visible_micros() const {
  return visible_ ? base::to_unix_micros(visible_()) : 0;
}

void RelayBoard::remove(const base::JobSet& job_set) {
  const auto found = relays_.find(job_set);
  if (found == relays_.end()) return;
  --counts_[index_of(found->second.status.state)];
  doubted_.erase({base::to_unix_micros(found->second.status.connected), job_set});
  limited_.erase({found->second.limit.limit, job_set});
  resting_.erase(job_set);
  relays_.erase(found);
}

// Where any relay's limit is raised, the least of all waits for what it vouches for.
void RelayBoard::publish(bool raised, base::Time appended_at) {
  const std::int64_t to = limited_.empty() ? RelayLimit::kNone : limited_.begin()->first;
  if (raised || to > least_limit_.limit) {
    least_limit_.raise(to, in_log_by(appended_at), visible_micros());
  } else {
    least_limit_.lower(to);
  }
  least_.set(least_limit_);
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
  JobSetCell& cell = cells_.hold(job_set);
  const auto found = relays_.find(job_set);
  if (found != relays_.end()) cell.set_limit(found->second.limit);
  return &cell;
}

void RelayBoard::let_go_cell(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  cells_.let_go(job_set);
}

// In pages, since lookups wait for the same lock.
lookup::AskedAnswer RelayBoard::asked(lookup::AskedRequest request, std::size_t scan_max) const {
  constexpr std::size_t kPage = 500;
  lookup::AskedAnswer answer;
  while (true) {
    const std::size_t page_size = std::min(scan_max, kPage);
    lookup::AskedAnswer page;
    {
      const std::lock_guard lock(mutex_);
      page = cells_.asked(request, page_size);
    }
    request.limit -= page.job_sets.size();
    scan_max -= page_size;
    std::move(page.job_sets.begin(), page.job_sets.end(), std::back_inserter(answer.job_sets));
    answer.next = std::move(page.next);
    if (!answer.next || request.limit == 0 || scan_max == 0) return answer;
    request.after = *answer.next;
  }
}

}  // namespace armada_cache::projector
