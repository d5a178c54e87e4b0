#include "projector/log_ends.h"

#include <algorithm>
#include <string>
#include <utility>

namespace armada_cache::projector {
namespace {

constexpr std::chrono::milliseconds kTurn{100};  // between two looks for questions that are late

base::Error stopped_error() {
  return {base::ErrorCode::kCancelled, "the projector is stopped"};
}

base::Error late_error() {
  return {base::ErrorCode::kUnavailable,
          "it does not tell in time where it ends; check that the brokers run and can be reached"};
}

}  // namespace

LogEnds::LogEnds(eventlog::EventLog& log)
    : log_(log), thread_([waiting = waiting_] { waiting->give_up_late(); }) {}

base::Status LogEnds::Waiting::take(const eventlog::Positions& ends,
                                    const eventlog::Positions& least) {
  for (const auto& [at, before] : least) {
    const auto told = ends.find(at);
    if (told == ends.end() || told->second >= before) continue;
    return base::fail(
        base::ErrorCode::kDataLoss,
        eventlog::name_of(at) + " ends at " + std::to_string(told->second) + " and ended at " +
            std::to_string(before) +
            " before: the topic was made anew or has lost records; stop the ingests, then "
            "restart projectors, query processes and ingests, in this order");
  }
  const std::lock_guard lock(mutex);
  for (const auto& [at, end] : ends) {
    eventlog::Offset& known = highest[at];
    known = std::max(known, end);
  }
  return {};
}

void LogEnds::Waiting::tell(std::uint64_t question, base::Result<eventlog::Positions> ends) {
  Done done;
  {
    const std::lock_guard lock(mutex);
    const auto found = questions.find(question);
    if (found == questions.end()) return;
    done = std::move(found->second.done);
    questions.erase(found);
    ++running;
  }
  done(std::move(ends));
  done = nullptr;  // with what it holds, before the askers may go
  const std::lock_guard lock(mutex);
  --running;
  changed.notify_all();
}

void LogEnds::Waiting::give_up_late() {
  std::unique_lock lock(mutex);
  while (!stopped) {
    std::vector<std::uint64_t> late;
    const auto now = std::chrono::steady_clock::now();
    for (const auto& [number, question] : questions) {
      if (question.until <= now) late.push_back(number);
    }
    lock.unlock();
    for (const std::uint64_t number : late) tell(number, tl::unexpected(late_error()));
    lock.lock();
    changed.wait_for(lock, kTurn, [this] { return stopped; });
  }
}

void LogEnds::ask(const std::vector<eventlog::TopicPartition>& of, Done done, SteadyTime until) {
  std::uint64_t question = 0;
  eventlog::Positions least;
  {
    std::unique_lock lock(waiting_->mutex);
    if (waiting_->stopped) {
      lock.unlock();
      return done(tl::unexpected(stopped_error()));
    }
    question = waiting_->next++;
    waiting_->questions.emplace(question, Question{std::move(done), until});
    for (const auto& at : of) {
      if (const auto known = waiting_->highest.find(at); known != waiting_->highest.end()) {
        least.insert(*known);
      }
    }
  }
  log_.ends(of, [waiting = waiting_, question,
                 least = std::move(least)](base::Result<eventlog::Positions> ends) {
    if (ends) {
      if (auto taken = waiting->take(*ends, least); !taken) ends = tl::unexpected(taken.error());
    }
    waiting->tell(question, std::move(ends));
  });
}

void LogEnds::stop() {
  std::unique_lock lock(waiting_->mutex);
  waiting_->stopped = true;
  const auto left = std::exchange(waiting_->questions, {});
  lock.unlock();
  waiting_->changed.notify_all();
  for (const auto& [number, question] : left) question.done(tl::unexpected(stopped_error()));
  lock.lock();
  waiting_->changed.wait(lock, [this] { return waiting_->running == 0; });
  lock.unlock();
  if (thread_.joinable()) thread_.join();
}

}  // namespace armada_cache::projector
