#include "tests/bench/kafka/gap_watch.h"

#include <algorithm>

#include "tests/support/eventually.h"

namespace armada_cache::bench {
namespace {

constexpr std::chrono::milliseconds kPause{1};

double millis(GapWatch::Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

GapWatch::GapWatch(std::function<bool()> there)
    : there_(std::move(there)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void GapWatch::begin() {
  const std::lock_guard lock(mutex_);
  seen_ = {};
}

bool GapWatch::await(std::chrono::seconds deadline) const {
  const auto now = Clock::now();
  return test_support::eventually(deadline, [this, now] {
    const std::lock_guard lock(mutex_);
    return last_question_ >= now;
  });
}

GapWatch::Seen GapWatch::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void GapWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto asked = Clock::now();
    const bool there = there_();
    const auto answered = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (there) {
        seen_.longest_gap_ms = std::max(seen_.longest_gap_ms, millis(answered - last_answer_));
        last_answer_ = answered;
        last_question_ = asked;
      } else {
        ++seen_.failures;
      }
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace armada_cache::bench
