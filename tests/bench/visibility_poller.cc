#include "tests/bench/visibility_poller.h"

namespace armada_cache::bench {
namespace {

constexpr auto kPause = std::chrono::microseconds(100);
constexpr auto kPatience = std::chrono::seconds(5);

// Where in a successful life a state comes; -1 for no such state.
int rank(int state) {
  switch (state) {
    case api::QUEUED:
      return 0;
    case api::LEASED:
      return 1;
    case api::PENDING:
      return 2;
    case api::RUNNING:
      return 3;
    case api::SUCCEEDED:
      return 4;
    default:
      return -1;
  }
}

}  // namespace

VisibilityPoller::VisibilityPoller(const std::string& address)
    : client_(address), thread_([this] { run(); }) {}

VisibilityPoller::~VisibilityPoller() {
  if (thread_.joinable()) finish();
}

void VisibilityPoller::offer(Wanted wanted) {
  const std::lock_guard lock(mutex_);
  if (wanted_) return;
  wanted_ = std::move(wanted);
  changed_.notify_all();
}

Histogram VisibilityPoller::finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  thread_.join();
  return latencies_;
}

void VisibilityPoller::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || finishing_; });
    if (!wanted_) return;
    const Wanted wanted = *wanted_;
    lock.unlock();
    while (!shows(wanted) && clock_.now() - wanted.created < kPatience) {
      std::this_thread::sleep_for(kPause);
    }
    latencies_.record(clock_.now() - wanted.created);
    lock.lock();
    wanted_.reset();
  }
}

bool VisibilityPoller::shows(const Wanted& wanted) const {
  const auto answer = client_.statuses({wanted.job_id});
  if (!answer.ok()) return false;
  const auto found = answer.message.job_states().find(wanted.job_id);
  return found != answer.message.job_states().end() && rank(found->second) >= rank(wanted.state);
}

}  // namespace armada_cache::bench
