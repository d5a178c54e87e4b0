#include "core/eventlog/kafka/end_asker.h"

#include <utility>

namespace armada_cache::eventlog::kafka {
namespace {

// Before what could not be answered is asked again.
constexpr std::chrono::milliseconds kPause{20};

void tell(const std::vector<EndQuestions::Answered>& answered) {
  for (const auto& [done, ends] : answered) done(ends);
}

}  // namespace

EndAsker::EndAsker(std::size_t max_questions, std::chrono::milliseconds timeout, Ask ask)
    : timeout_(timeout),
      ask_(std::move(ask)),
      questions_(max_questions),
      thread_([this] { run(); }) {}

EndAsker::~EndAsker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  tell(questions_.cancel());
}

void EndAsker::ask(const std::vector<TopicPartition>& of, EndsTold done) {
  if (of.empty()) return done(Positions());
  {
    const std::lock_guard lock(mutex_);
    if (questions_.add(of, done, std::chrono::steady_clock::now() + timeout_)) {
      changed_.notify_all();
      return;
    }
  }
  done(base::fail(base::ErrorCode::kResourceExhausted,
                  "too many questions for ends of partitions wait for Kafka's answer"));
}

void EndAsker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
    if (stopping_) return;
    const auto round = questions_.begin_round();
    lock.unlock();
    const auto answers = ask_(round);
    lock.lock();
    const auto told = questions_.end_round(answers, std::chrono::steady_clock::now());
    lock.unlock();
    tell(told);
    lock.lock();
    if (answers.size() < round.size())
      changed_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

}  // namespace armada_cache::eventlog::kafka
