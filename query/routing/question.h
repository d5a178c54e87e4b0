// One question under way: put to projectors by a plan, and by another plan where that fails or
// takes long; the first that is whole answers.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/routing/plan.h"

namespace armada_cache::query {

// What a question needs of its surroundings. Thread-safe.
class Projectors {
 public:
  virtual ~Projectors() = default;
  virtual std::shared_ptr<const ProjectorMap> map() = 0;
  virtual base::Result<std::shared_ptr<lookup::JobReader>> reader(const std::string& target) = 0;
  // It failed or is slow: better not asked first.
  virtual void suspect(const std::string& target) = 0;
  virtual void failed(const std::string& target) = 0;
  virtual void answered(const std::string& target, std::chrono::steady_clock::duration after) = 0;
  // Why the answer must not be given: it is older than one given before. Empty: it may be.
  virtual std::string behind(const std::string& target, const lookup::Extents& told,
                             const std::vector<eventlog::Partition>& of) = 0;
  virtual void hedged() = 0;
  virtual void failed_over() = 0;
  virtual void resume_after(std::chrono::milliseconds pause, std::function<void()> resume) = 0;
  // The answer may be given, but another copy may know more.
  virtual void lagged(const std::string& target) = 0;
  // Better not asked first.
  virtual Targets suspects() = 0;
};

// For the timer. Thread-safe.
class Pending {
 public:
  virtual ~Pending() = default;
  // It takes long: others are asked as well, where there are any.
  virtual void hedge() = 0;
  // It took too long.
  virtual void expire(const std::string& why) = 0;
};

inline const std::vector<std::int32_t>& partitions_of(const lookup::AskedAnswer& answer) {
  return answer.partitions;
}
template <typename Answer>
const std::vector<std::int32_t>& partitions_of(const Answer& answer) {
  return answer.freshness.partitions;
}

inline lookup::Extents extents_of(const lookup::AskedAnswer&) {
  return {};
}
template <typename Answer>
const lookup::Extents& extents_of(const Answer& answer) {
  return answer.freshness.extents;
}

// Whether a partition that the leg asks for stands still there or is far behind. Pure.
bool lags(const lookup::Extents& told, const std::vector<eventlog::Partition>& wanted);

// Why the answer does not tell of what the leg asks for; empty where it does. Pure.
std::string lacks(const std::vector<eventlog::Partition>& told,
                  const std::vector<eventlog::Partition>& wanted, bool exactly);

template <typename Answer>
class RoutedQuestion final : public Pending,
                             public std::enable_shared_from_this<RoutedQuestion<Answer>> {
 public:
  using Done = lookup::JobReader::Done<Answer>;

  RoutedQuestion(Projectors& projectors, Planner<Answer> planner, int attempts_max, Done done)
      : projectors_(projectors),
        planner_(std::move(planner)),
        attempts_max_(attempts_max),
        attempts_left_(attempts_max),
        done_(std::move(done)) {}

  void start() {
    if (auto begun = attempt(); !begun) finish(tl::unexpected(begun.error()));
  }

  void hedge() override {
    {
      const std::lock_guard lock(mutex_);
      if (!done_ || !latest_ || resting_) return;
      for (std::size_t i = 0; i < latest_->plan.legs.size(); ++i) {
        if (latest_->answers[i]) continue;
        tried_.insert(latest_->plan.legs[i].target);
        projectors_.suspect(latest_->plan.legs[i].target);
      }
    }
    // Where there is nobody else, the slow ones may still answer.
    if (attempt()) projectors_.hedged();
  }

  void expire(const std::string& why) override {
    std::string reason = why;
    {
      const std::lock_guard lock(mutex_);
      if (!last_error_.message.empty()) reason += "; " + last_error_.message;
    }
    finish(base::fail(base::ErrorCode::kUnavailable, std::move(reason)));
  }

 private:
  struct Attempt {
    Plan<Answer> plan;
    std::vector<std::optional<Answer>> answers;
    std::size_t missing = 0;
    bool failed = false;
    const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  };

  // Error: there is nobody (else) to ask.
  base::Status attempt() {
    auto begun = std::make_shared<Attempt>();
    {
      const std::lock_guard lock(mutex_);
      if (!done_) return {};
      if (attempts_left_ <= 0) return tl::unexpected(last_error_);
      auto plan = make_plan();
      if (!plan) {
        return tl::unexpected(last_error_.message.empty() ? plan.error() : last_error_);
      }
      --attempts_left_;
      ++under_way_;
      begun->plan = *std::move(plan);
      begun->answers.resize(begun->plan.legs.size());
      begun->missing = begun->plan.legs.size();
      latest_ = begun;
    }
    for (std::size_t i = 0; i < begun->plan.legs.size(); ++i) ask(begun, i);
    return {};
  }

  base::Result<Plan<Answer>> make_plan() const {
    const auto map = projectors_.map();
    Targets avoided = projectors_.suspects();
    if (!avoided.empty()) {
      avoided.insert(tried_.begin(), tried_.end());
      if (auto plan = planner_(*map, avoided)) return plan;
    }
    return planner_(*map, tried_);
  }

  void ask(const std::shared_ptr<Attempt>& attempt, std::size_t at) {
    const Leg<Answer>& leg = attempt->plan.legs[at];
    auto reader = projectors_.reader(leg.target);
    if (!reader) return take(attempt, at, tl::unexpected(reader.error()));
    // The reader lives as long as its answer is awaited.
    leg.ask(**reader,
            [self = this->shared_from_this(), attempt, at, held = *reader](
                base::Result<Answer> answer) { self->take(attempt, at, std::move(answer)); });
  }

  void take(const std::shared_ptr<Attempt>& attempt, std::size_t at, base::Result<Answer> answer) {
    const Leg<Answer>& leg = attempt->plan.legs[at];
    bool behind = false;
    if (answer) {
      std::string why = lacks(partitions_of(*answer), leg.partitions, leg.exactly);
      if (why.empty()) {
        why = projectors_.behind(leg.target, extents_of(*answer), leg.partitions);
        behind = !why.empty();
      }
      if (!why.empty()) {
        answer = base::fail(base::ErrorCode::kUnavailable, "projector " + leg.target + ": " + why);
      }
    }
    if (!answer) return leg_failed(attempt, leg.target, answer.error(), behind);
    if (lags(extents_of(*answer), leg.partitions) && may_be_better_elsewhere(leg.target)) {
      projectors_.lagged(leg.target);
      // Where no other copy answers after all, a second answer of this one is as good as it gets.
      return ask_elsewhere(attempt, leg.target, [this] { lagged_ = true; });
    }
    projectors_.answered(leg.target, std::chrono::steady_clock::now() - attempt->since);
    std::unique_lock lock(mutex_);
    attempt->answers[at] = *std::move(answer);
    if (--attempt->missing > 0 || !done_) return;
    std::vector<Answer> parts;
    for (auto& part : attempt->answers) parts.push_back(*std::move(part));
    lock.unlock();
    finish(attempt->plan.merge(std::move(parts)));
  }

  void leg_failed(const std::shared_ptr<Attempt>& attempt, const std::string& target,
                  const base::Error& error, bool behind) {
    if (error.code == base::ErrorCode::kInvalidArgument) return finish(tl::unexpected(error));
    if (!behind) {
      projectors_.suspect(target);
      projectors_.failed(target);
    }
    ask_elsewhere(attempt, target, [&] {
      last_error_ = error;
      catches_up_ = catches_up_ || behind;
    });
  }

  // By a copy that has not been found slow, failing or lagging.
  bool may_be_better_elsewhere(const std::string& target) {
    const auto map = projectors_.map();
    Targets avoided = projectors_.suspects();
    const std::lock_guard lock(mutex_);
    if (content_) return false;
    avoided.insert(tried_.begin(), tried_.end());
    avoided.insert(target);
    return planner_(*map, avoided).has_value();
  }

  // `note` says why, under the lock.
  template <typename Note>
  void ask_elsewhere(const std::shared_ptr<Attempt>& attempt, const std::string& target,
                     Note note) {
    {
      const std::lock_guard lock(mutex_);
      tried_.insert(target);
      note();
      if (attempt->failed) return;  // another leg has seen to it
      attempt->failed = true;
      if (--under_way_ > 0) return;  // another attempt may still succeed
    }
    if (auto begun = this->attempt(); !begun) return rest_or_fail(begun.error());
    projectors_.failed_over();
  }

  // A copy that is behind will have caught up some time, and is asked again until then.
  void rest_or_fail(const base::Error& error) {
    std::unique_lock lock(mutex_);
    if (lagged_ && !content_) {
      content_ = true;
      tried_.clear();
      attempts_left_ = attempts_max_;
      lock.unlock();
      return start();
    }
    if (!catches_up_) {
      lock.unlock();
      return finish(tl::unexpected(error));
    }
    if (!done_ || resting_) return;
    resting_ = true;
    const auto pause = pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    lock.unlock();
    projectors_.resume_after(pause, [self = this->shared_from_this()] { self->resume(); });
  }

  void resume() {
    {
      const std::lock_guard lock(mutex_);
      if (!done_) return;
      resting_ = false;
      catches_up_ = false;
      tried_.clear();
      attempts_left_ = attempts_max_;
    }
    if (auto begun = attempt(); !begun) rest_or_fail(begun.error());
  }

  void finish(base::Result<Answer> answer) {
    Done done;
    {
      const std::lock_guard lock(mutex_);
      if (!done_) return;
      done = std::exchange(done_, nullptr);
      latest_.reset();
    }
    done(std::move(answer));
  }

  static constexpr std::chrono::milliseconds kShortestPause{5};
  static constexpr std::chrono::milliseconds kLongestPause{500};

  Projectors& projectors_;
  const Planner<Answer> planner_;
  const int attempts_max_;
  std::mutex mutex_;
  int attempts_left_;
  int under_way_ = 0;
  bool catches_up_ = false;  // somebody was behind since the first attempt or the last rest
  bool lagged_ = false;      // a copy answered that lags, and another was asked
  bool content_ = false;     // with a copy that lags
  bool resting_ = false;     // until the next attempt
  std::chrono::milliseconds pause_ = kShortestPause;
  Done done_;  // null once it is answered
  std::shared_ptr<Attempt> latest_;
  Targets tried_;  // failed or slow
  base::Error last_error_{base::ErrorCode::kUnavailable, ""};
};

}  // namespace armada_cache::query
