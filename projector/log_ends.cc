#include "projector/log_ends.h"

#include <utility>

namespace armada_cache::projector {
namespace {

base::Error stopped_error() {
  return {base::ErrorCode::kUnavailable, "the projector is stopped"};
}

}  // namespace

void LogEnds::Waiting::tell(std::uint64_t question, base::Result<eventlog::Positions> ends) {
  Done done;
  {
    const std::lock_guard lock(mutex);
    const auto found = questions.find(question);
    if (found == questions.end()) return;
    done = std::move(found->second);
    questions.erase(found);
    ++running;
  }
  done(std::move(ends));
  done = nullptr;  // with what it holds, before the askers may go
  const std::lock_guard lock(mutex);
  --running;
  idle.notify_all();
}

void LogEnds::ask(const std::vector<eventlog::TopicPartition>& of, Done done) {
  std::uint64_t question = 0;
  {
    std::unique_lock lock(waiting_->mutex);
    if (waiting_->stopped) {
      lock.unlock();
      return done(tl::unexpected(stopped_error()));
    }
    question = waiting_->next++;
    waiting_->questions.emplace(question, std::move(done));
  }
  log_.ends(of, [waiting = waiting_, question](base::Result<eventlog::Positions> ends) {
    waiting->tell(question, std::move(ends));
  });
}

void LogEnds::stop() {
  std::unique_lock lock(waiting_->mutex);
  waiting_->stopped = true;
  const auto left = std::exchange(waiting_->questions, {});
  lock.unlock();
  for (const auto& [question, done] : left) done(tl::unexpected(stopped_error()));
  lock.lock();
  waiting_->idle.wait(lock, [this] { return waiting_->running == 0; });
}

}  // namespace armada_cache::projector
