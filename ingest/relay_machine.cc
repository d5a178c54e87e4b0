#include "ingest/relay_machine.h"

#include <algorithm>

namespace armada_cache::ingest {

using base::Duration;
using base::Time;

RelayActions RelayMachine::start(Time now) {
  return catch_up(now, enter(now, RelayState::kCatchingUp, ""));
}

RelayActions RelayMachine::stop(Time now, bool settled) {
  return end(now, settled, RelayState::kStopped, "");
}

RelayActions RelayMachine::release(Time now, bool settled) {
  const bool needs_a_stream = state_ == RelayState::kFollowing ||
                              state_ == RelayState::kCatchingUp || state_ == RelayState::kGone;
  if (!needs_a_stream) return end(now, settled, state_, last_error_);
  return end(now, settled, RelayState::kRetrying, kLetGo);
}

bool RelayMachine::can_give_way() const {
  if (phase_ == Phase::kAwait || phase_ == Phase::kParked) return true;
  return phase_ == Phase::kWait && (state_ == RelayState::kGone || state_ == RelayState::kRefused);
}

RelayActions RelayMachine::give_way(Time now, bool settled) {
  return end(now, settled, state_, last_error_);
}

RelayActions RelayMachine::look(Time now, const RelayStatus& left) {
  state_ = left.state;
  since_ = left.state_since;
  last_error_ = left.last_error;
  RelayActions actions = catch_up(now, {});
  if (state_ == RelayState::kParked) phase_ = Phase::kLook;
  return actions;
}

RelayActions RelayMachine::end(Time now, bool settled, RelayState last, std::string why) {
  note_whole_until_break(now);
  phase_ = Phase::kStopping;
  final_state_ = last;
  final_error_ = std::move(why);
  if (settled) return finish(now);
  RelayActions actions;
  actions.close_stream = true;
  return actions;
}

void RelayMachine::on_alive(Time at) {
  const bool watching = phase_ == Phase::kFollow || phase_ == Phase::kAwait;
  if (watching && at >= stream_opened_) whole_until_ = std::max(whole_until_, at);
}

RelayActions RelayMachine::on_messages(Time now) {
  last_heard_ = now;
  on_alive(now);
  if (phase_ == Phase::kAwait) {
    phase_ = Phase::kFollow;
    connected_ = now;
    return enter(now, RelayState::kFollowing, "");
  }
  if (phase_ == Phase::kLook) phase_ = Phase::kCatchUp;
  if (phase_ == Phase::kCatchUp) return enter(now, RelayState::kCatchingUp, "");
  return {};
}

RelayActions RelayMachine::on_stream_end(Time now, const base::Status& end, bool from_start,
                                         bool settled) {
  if (!has_stream()) return {};
  const bool watching = phase_ == Phase::kFollow || phase_ == Phase::kAwait;
  StreamVerdict verdict = judge_stream_end(end, {watching, from_start});
  note_whole_until_break(now);
  switch (verdict.meaning) {
    case EndMeaning::kCaughtUp:
      return phase_ == Phase::kLook ? park(now) : settle(now, settled);
    case EndMeaning::kRetry:
      return retry(now, RelayState::kRetrying, std::move(verdict.error), backoff_.next());
    case EndMeaning::kRefused:
      return retry(now, RelayState::kRefused, std::move(verdict.error),
                   backoff_.around(times_.refused_retry));
    case EndMeaning::kUnknownLogin: {
      RelayActions actions = retry(now, RelayState::kRefused, std::move(verdict.error),
                                   backoff_.next(times_.refused_retry));
      actions.reread_credentials = true;
      return actions;
    }
    case EndMeaning::kNoJobSet:
      return await_job_set(now, std::move(verdict.error));
    case EndMeaning::kNoQueue:
      // It had none when it was asked, so nothing can be missing up to there.
      if (!watching) connected_ = std::max(connected_, stream_opened_);
      return retry(now, RelayState::kGone, std::move(verdict.error),
                   backoff_.around(times_.missing_queue_retry));
    case EndMeaning::kBadCursor: {
      RelayActions actions =
          retry(now, RelayState::kRetrying, std::move(verdict.error), backoff_.next());
      actions.from_the_start = true;
      return actions;
    }
  }
  return {};
}

RelayActions RelayMachine::on_acknowledged(Time now, bool settled) {
  backoff_.reset();
  if (!settled) return {};
  if (phase_ == Phase::kSettling) return follow(now);
  if (phase_ == Phase::kStopping) return finish(now);
  return {};
}

RelayActions RelayMachine::on_append_error(Time now, const base::Error& error) {
  note_whole_until_break(now);
  if (phase_ == Phase::kStopping) return finish(now);
  if (phase_ == Phase::kIdle) return {};
  return retry(now, RelayState::kRetrying,
               "the log: " + std::string(base::name_of(error.code)) + ": " + error.message,
               backoff_.next());
}

RelayActions RelayMachine::on_renewal(Time now) {
  if (phase_ == Phase::kWait && state_ == RelayState::kGone) return catch_up(now, {});
  if (phase_ == Phase::kLook) {
    phase_ = Phase::kCatchUp;
    return enter(now, RelayState::kCatchingUp, "");
  }
  if (phase_ != Phase::kParked) return {};
  return catch_up(now, enter(now, RelayState::kCatchingUp, ""));
}

void RelayMachine::on_reading(Time now, bool paused) {
  if (paused && !paused_ && now - last_paused_ >= times_.held_back_gap) held_back_since_ = now;
  if (paused_ && !paused) last_paused_ = last_heard_ = now;
  paused_ = paused;
}

RelayActions RelayMachine::on_time(Time now, JobsLeft jobs) {
  if (paused_) last_heard_ = now;
  if (is_held_back(now)) return fall_behind(now);
  const auto due = wake_at(jobs);
  if (!due || now < *due) return {};
  switch (phase_) {
    case Phase::kWait:
      // What was said of the last try stays true until this one brings something.
      return catch_up(now, {});
    case Phase::kCatchUp:
    case Phase::kLook:
      return retry(now, RelayState::kRetrying,
                   "Armada sent nothing for too long in the middle of a catch-up", backoff_.next());
    case Phase::kFollow: {
      note_whole_until_break(now);
      RelayActions actions = park(now);
      actions.close_stream = true;
      return actions;
    }
    case Phase::kParked: {
      phase_ = Phase::kLook;
      stream_opened_ = last_heard_ = now;
      RelayActions actions;
      actions.open = OpenStream{.watch = false, .error_if_missing = true};
      return actions;
    }
    default:
      return {};
  }
}

std::optional<Time> RelayMachine::wake_at(JobsLeft jobs) const {
  switch (phase_) {
    case Phase::kWait:
    case Phase::kParked:
      return wake_;
    case Phase::kCatchUp:
    case Phase::kLook:
      return last_heard_ + times_.catch_up_stall;
    case Phase::kFollow:
      if (paused_) return held_back_since_ + times_.held_back_after;
      if (jobs == JobsLeft::kSome) return std::nullopt;
      return last_heard_ + silence_allowed(jobs);
    default:
      return std::nullopt;
  }
}

RelayActions RelayMachine::enter(Time now, RelayState state, std::string error) {
  RelayActions actions;
  actions.write_status = state != state_ || error != last_error_;
  if (state != state_) since_ = now;
  state_ = state;
  last_error_ = std::move(error);
  return actions;
}

RelayActions RelayMachine::catch_up(Time now, RelayActions actions) {
  phase_ = Phase::kCatchUp;
  stream_opened_ = last_heard_ = now;
  actions.open = OpenStream{.watch = false, .error_if_missing = true};
  return actions;
}

bool RelayMachine::is_held_back(Time now) const {
  return phase_ == Phase::kFollow && paused_ && now >= held_back_since_ + times_.held_back_after;
}

// Armada has events that cannot be read yet. Where that ends, only a look at what it holds can
// tell.
RelayActions RelayMachine::fall_behind(Time now) {
  note_whole_until_break(now);
  return catch_up(now, enter(now, RelayState::kCatchingUp, ""));
}

RelayActions RelayMachine::settle(Time now, bool settled) {
  phase_ = Phase::kSettling;
  return settled ? follow(now) : RelayActions{};
}

RelayActions RelayMachine::follow(Time now) {
  // What the catch-up brought was whole when it was asked for; the new stream goes on from there.
  connected_ = std::max(connected_, stream_opened_);
  phase_ = Phase::kFollow;
  stream_opened_ = last_heard_ = held_back_since_ = now;
  RelayActions actions = enter(now, RelayState::kFollowing, "");
  actions.open = OpenStream{.watch = true, .error_if_missing = false};
  return actions;
}

RelayActions RelayMachine::await_job_set(Time now, std::string error) {
  connected_ = std::max(connected_, stream_opened_);
  phase_ = Phase::kAwait;
  stream_opened_ = last_heard_ = now;
  RelayActions actions = enter(now, RelayState::kGone, std::move(error));
  actions.open = OpenStream{.watch = true, .error_if_missing = false};
  return actions;
}

RelayActions RelayMachine::retry(Time now, RelayState state, std::string error, Duration delay) {
  phase_ = Phase::kWait;
  wake_ = now + delay;
  RelayActions actions = enter(now, state, std::move(error));
  actions.close_stream = true;
  return actions;
}

RelayActions RelayMachine::park(Time now) {
  if (phase_ == Phase::kLook) connected_ = std::max(connected_, stream_opened_);
  phase_ = Phase::kParked;
  wake_ = now + backoff_.around(times_.parked_look);
  RelayActions actions = enter(now, RelayState::kParked, "");
  actions.write_status = true;
  return actions;
}

RelayActions RelayMachine::finish(Time now) {
  phase_ = Phase::kIdle;
  RelayActions actions = enter(now, final_state_, std::move(final_error_));
  actions.close_stream = true;
  actions.write_status = true;
  actions.stopped = true;
  return actions;
}

// A connection can be dead for a while before that shows.
void RelayMachine::note_whole_until_break(Time now) {
  if (phase_ != Phase::kFollow && phase_ != Phase::kAwait) return;
  if (now - stream_opened_ >= times_.settled_after) backoff_.reset();
  connected_ = std::max(connected_, std::min(whole_so_far(), now));
}

Duration RelayMachine::silence_allowed(JobsLeft jobs) const {
  return jobs == JobsLeft::kNone ? times_.park_after : times_.park_unsure_after;
}

bool RelayMachine::has_stream() const {
  return phase_ == Phase::kCatchUp || phase_ == Phase::kFollow || phase_ == Phase::kAwait ||
         phase_ == Phase::kLook;
}

}  // namespace armada_cache::ingest
