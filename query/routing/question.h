// One question under way: put to projectors by a plan, and by another plan where that fails or
// takes long; the first that is whole answers.
#pragma once

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
  virtual void failed(const std::string& target) = 0;
  virtual void answered(const std::string& target) = 0;
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

// Why the answer does not tell of what the leg asks for; empty where it does. Pure.
std::string lacks(std::vector<eventlog::Partition> told,
                  const std::vector<eventlog::Partition>& wanted, bool exactly);

template <typename Answer>
class Question final : public Pending, public std::enable_shared_from_this<Question<Answer>> {
 public:
  using Done = lookup::JobReader::Done<Answer>;

  Question(Projectors& projectors, Planner<Answer> planner, int attempts_max, Done done)
      : projectors_(projectors),
        planner_(std::move(planner)),
        attempts_left_(attempts_max),
        done_(std::move(done)) {}

  void start() {
    if (auto begun = attempt(); !begun) finish(tl::unexpected(begun.error()));
  }

  void hedge() override {
    {
      const std::lock_guard lock(mutex_);
      if (!done_ || !latest_) return;
      for (std::size_t i = 0; i < latest_->plan.legs.size(); ++i) {
        if (latest_->answers[i]) continue;
        tried_.insert(latest_->plan.legs[i].target);
        projectors_.failed(latest_->plan.legs[i].target);
      }
    }
    // Where there is nobody else, the slow ones may still answer.
    (void)attempt();
  }

  void expire(const std::string& why) override {
    finish(base::fail(base::ErrorCode::kUnavailable, why));
  }

 private:
  struct Attempt {
    Plan<Answer> plan;
    std::vector<std::optional<Answer>> answers;
    std::size_t missing = 0;
    bool failed = false;
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
    if (answer) {
      if (std::string why = lacks(partitions_of(*answer), leg.partitions, leg.exactly);
          !why.empty()) {
        answer = base::fail(base::ErrorCode::kUnavailable, "projector " + leg.target + ": " + why);
      }
    }
    if (!answer) return leg_failed(attempt, leg.target, answer.error());
    projectors_.answered(leg.target);
    std::unique_lock lock(mutex_);
    attempt->answers[at] = *std::move(answer);
    if (--attempt->missing > 0 || !done_) return;
    std::vector<Answer> parts;
    for (auto& part : attempt->answers) parts.push_back(*std::move(part));
    lock.unlock();
    finish(attempt->plan.merge(std::move(parts)));
  }

  void leg_failed(const std::shared_ptr<Attempt>& attempt, const std::string& target,
                  const base::Error& error) {
    if (error.code == base::ErrorCode::kInvalidArgument) return finish(tl::unexpected(error));
    projectors_.failed(target);
    {
      const std::lock_guard lock(mutex_);
      tried_.insert(target);
      last_error_ = error;
      if (attempt->failed) return;  // another leg has seen to it
      attempt->failed = true;
      if (--under_way_ > 0) return;  // another attempt may still succeed
    }
    if (auto begun = this->attempt(); !begun) finish(tl::unexpected(begun.error()));
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

  Projectors& projectors_;
  const Planner<Answer> planner_;
  std::mutex mutex_;
  int attempts_left_;
  int under_way_ = 0;
  Done done_;  // null once it is answered
  std::shared_ptr<Attempt> latest_;
  Targets tried_;  // failed or slow
  base::Error last_error_{base::ErrorCode::kUnavailable, ""};
};

}  // namespace armada_cache::query
