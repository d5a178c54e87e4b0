// Asks the projection again, for a bounded time, while its answer lacks something that may exist.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/lookup/job_reader.h"

namespace armada_cache::query {

// Runs the work after the delay, or never once the server stops. Thread-safe, and harmless to call
// when the server is gone.
using Later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

// The projection is asked anew until `budget` is over; what it was asked before that is waited for.
struct Patience {
  std::chrono::milliseconds interval{10};  // above 0
  std::chrono::milliseconds budget{250};
  const base::Clock* clock = &base::kSystemClock;  // must outlive the questions
};

// One question to the projection, as often as its answer needs to be sure.
template <typename Answer>
struct Question {
  using Done = lookup::JobReader::Done<Answer>;

  std::function<void(Done)> ask;
  // Whether the answer lacks nothing that was asked for: then doubts do not matter.
  std::function<bool(const Answer&)> complete;
  // Why, apart from the answer's own freshness, something may be missing; asked before `ask`.
  std::function<std::string()> doubt;
  // Given the job sets that are in doubt because they rest; may be null.
  std::function<void(std::span<const base::JobSet>)> wake{};
};

template <typename Answer>
class Asking final : public std::enable_shared_from_this<Asking<Answer>> {
 public:
  Asking(const Later& later, const Patience& patience, Question<Answer> question,
         typename Question<Answer>::Done done)
      : later_(later),
        patience_(patience),
        deadline_(patience.clock->now() + patience.budget),
        attempts_left_(patience.budget / patience.interval),
        question_(std::move(question)),
        done_(std::move(done)) {}

  void attempt() {
    doubt_ = question_.doubt();
    question_.ask([self = this->shared_from_this()](base::Result<Answer> answer) {
      self->judge(std::move(answer));
    });
  }

 private:
  void judge(base::Result<Answer> answer) {
    if (answer) {
      if (question_.complete(*answer)) return done_(std::move(answer));
      if (!answer->freshness.certain) doubt_ = answer->freshness.doubt;
      if (answer->freshness.certain && doubt_.empty()) return done_(std::move(answer));
      if (question_.wake && !answer->freshness.resting.empty()) {
        question_.wake(answer->freshness.resting);
      }
    } else if (answer.error().code != base::ErrorCode::kUnavailable) {
      return done_(std::move(answer));
    } else {
      doubt_ = answer.error().message;
    }
    if (attempts_left_-- <= 0 || patience_.clock->now() >= deadline_) {
      return done_(base::fail(base::ErrorCode::kUnavailable,
                              "not sure of what is asked, try again: " + doubt_));
    }
    later_(patience_.interval, [self = this->shared_from_this()] { self->attempt(); });
  }

  const Later later_;
  const Patience patience_;
  const base::Time deadline_;
  std::int64_t attempts_left_;  // ends it though the clock is set back
  Question<Answer> question_;
  typename Question<Answer>::Done done_;
  std::string doubt_;
};

// `done` gets an answer that is complete or certain, or kUnavailable with the doubt once the time
// is spent, on a thread of the projection or of `later`; never, if `later` never runs what it got.
template <typename Answer>
void ask_until_sure(const Later& later, const Patience& patience, Question<Answer> question,
                    typename Question<Answer>::Done done) {
  std::make_shared<Asking<Answer>>(later, patience, std::move(question), std::move(done))
      ->attempt();
}

}  // namespace armada_cache::query
