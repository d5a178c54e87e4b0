#include "projector/foreign_relays.h"

#include <algorithm>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/goal_waiters.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {

ForeignRelays::ForeignRelays(ForeignRelayOptions options, eventlog::EventLog& log,
                             const base::Clock& clock, RelayBoard& board)
    : options_(std::move(options)), log_(log), clock_(clock), board_(board) {
  for (const eventlog::Partition partition : options_.partitions) {
    applied_[{std::string(topics::kRelays), partition}] = 0;
  }
}

void ForeignRelays::start(GoalWaiters& waiters) {
  if (applied_.empty()) return;
  waiters_ = &waiters;
  eventlog::Positions from;
  for (const auto& [of, applied] : applied_) from[of] = 0;
  follower_ = std::make_unique<eventlog::TopicFollower>(
      eventlog::FollowOptions{options_.batch_max_records, options_.poll_wait, options_.retry_pause},
      log_, [this](auto records, const auto& reached) { take(records, reached); });
  follower_->follow(std::move(from));
}

void ForeignRelays::stop() {
  if (follower_ != nullptr) follower_->stop();
}

base::Result<eventlog::Positions> ForeignRelays::ends() const {
  eventlog::Positions ends;
  for (const auto& [of, applied] : applied_) {
    const auto end = log_.end_offset(of);
    if (!end) return tl::unexpected(end.error());
    ends[of] = *end;
  }
  return ends;
}

eventlog::Offset ForeignRelays::distance(const eventlog::Positions& ends) const {
  eventlog::Offset most = 0;
  for (const auto& [of, end] : ends) {
    most = std::max(most, end - applied_.at(of).load(std::memory_order_acquire));
  }
  return most;
}

base::Time ForeignRelays::as_of() const {
  if (applied_.empty()) return base::Time::max();
  return base::from_unix_micros(as_of_micros_.load(std::memory_order_acquire));
}

void ForeignRelays::take(std::span<const eventlog::RecordView> records,
                         const eventlog::Positions& reached) {
  for (const eventlog::RecordView& record : records) apply(record);
  for (const auto& [of, offset] : reached) {
    applied_.at(of).store(offset, std::memory_order_release);
  }
  if (distance(goal_) <= 0) reached_goal();
  waiters_->check(std::chrono::steady_clock::now());
}

// A goal stays until it is reached, so that the time goes on while more and more is appended.
void ForeignRelays::reached_goal() {
  as_of_micros_.store(base::to_unix_micros(goal_time_), std::memory_order_release);
  const base::Time asked = clock_.now();
  auto next = ends();
  if (!next) return;
  goal_ = *std::move(next);
  goal_time_ = asked;
  if (distance(goal_) > 0) return;
  as_of_micros_.store(base::to_unix_micros(goal_time_), std::memory_order_release);
}

void ForeignRelays::apply(const eventlog::RecordView& record) {
  const auto job_set = topics::decode_relay_key(record.key);
  if (!job_set) {
    // The projector that has the partition keeps it aside.
    base::log_warn("a relay's key cannot be read", {{"error", job_set.error().message}});
    return;
  }
  if (!record.value) return board_.erase(*job_set, record.appended_at);
  internal::v1::RelayRecord relay;
  if (const auto decoded = topics::decode(*record.value, relay); !decoded) {
    base::log_warn("a relay's record cannot be read", {{"error", decoded.error().message}});
    return;
  }
  if (relay.generation() >= board_.generation(*job_set)) {
    board_.put(*job_set, relay, {record.appended_at});
  }
}

}  // namespace armada_cache::projector
