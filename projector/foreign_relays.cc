#include "projector/foreign_relays.h"

#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "projector/goal_waiters.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {

ForeignRelays::ForeignRelays(const ForeignRelayOptions& options, eventlog::EventLog& log,
                             LogEnds& ends, const base::Clock& clock, RelayBoard& board,
                             RelayProgress& progress)
    : options_(options),
      log_(log),
      ends_(ends, clock, options.ends_interval),
      board_(board),
      progress_(progress) {}

void ForeignRelays::start(GoalWaiters& waiters) {
  waiters_ = &waiters;
  follower_ = std::make_unique<eventlog::TopicFollower>(
      eventlog::FollowOptions{options_.batch_max_records, options_.poll_wait, options_.retry_pause},
      log_, [this](auto records, const auto& reached) { take(records, reached); });
}

void ForeignRelays::stop() {
  if (follower_ != nullptr) follower_->stop();
}

void ForeignRelays::follow(const std::vector<eventlog::Partition>& partitions) {
  eventlog::Positions from;
  for (const eventlog::Partition partition : partitions) {
    from[{std::string(topics::kRelays), partition}] = progress_.position(partition);
  }
  if (!from.empty()) follower_->add(std::move(from));
}

void ForeignRelays::leave(const std::vector<eventlog::Partition>& partitions) {
  if (!partitions.empty()) follower_->remove({partitions.begin(), partitions.end()});
}

void ForeignRelays::take(std::span<const eventlog::RecordView> records,
                         const eventlog::Positions& reached) {
  for (const eventlog::RecordView& record : records) apply(record);
  for (const auto& [of, offset] : reached) progress_.set_position(of.partition, offset);
  renew_goals(reached);
  waiters_->check(std::chrono::steady_clock::now());
}

void ForeignRelays::renew_goals(const eventlog::Positions& reached) {
  std::vector<eventlog::TopicPartition> followed;
  followed.reserve(reached.size());
  for (const auto& [of, offset] : reached) followed.push_back(of);
  ends_.ask(followed, std::chrono::steady_clock::now());
  for (const auto& [of, offset] : reached) {
    if (!note_reached(of.partition, offset)) continue;
    const auto told = ends_.newest(of);
    if (!told) continue;
    goals_[of.partition] = {told->end, told->asked};
    note_reached(of.partition, offset);
  }
}

// A goal stays until it is reached, so that the time goes on while more and more is appended.
bool ForeignRelays::note_reached(eventlog::Partition partition, eventlog::Offset reached) {
  const Goal& goal = goals_[partition];
  if (reached < goal.end) return false;
  if (goal.time > progress_.as_of(partition)) progress_.set_as_of(partition, goal.time);
  return true;
}

void ForeignRelays::apply(const eventlog::RecordView& record) {
  const auto job_set = topics::decode_relay_key(record.key);
  if (!job_set) return unreadable_.left_aside(record, job_set.error());
  if (!record.value) {
    if (!topics::is_stale_tombstone(record, board_.generation(*job_set))) {
      board_.erase(*job_set, record.appended_at);
    }
    return;
  }
  internal::v1::RelayRecord relay;
  if (const auto decoded = topics::decode(*record.value, relay); !decoded) {
    return unreadable_.left_aside(record, decoded.error());
  }
  if (relay.generation() >= board_.generation(*job_set)) {
    board_.put(*job_set, relay, {record.appended_at});
  }
}

}  // namespace armada_cache::projector
