#include "tests/bench/kafka/progress_watch.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/bench/cpu.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{10};
constexpr std::chrono::minutes kLongest{2};

struct Moment {
  std::uint64_t done = 0;
  Clock::time_point at;
  std::chrono::microseconds cpu{0};
};

Moment look_at(test_support::Process& process, const std::function<std::uint64_t()>& done) {
  return {done(), Clock::now(), cpu_time_of(process.pid())};
}

double seconds_between(const Moment& begin, const Moment& end) {
  return std::chrono::duration<double>(end.at - begin.at).count();
}

}  // namespace

Pace watch_progress(test_support::Process& process, std::uint64_t goal,
                    const std::function<std::uint64_t()>& done) {
  const Moment begin = look_at(process, done);
  Moment idle = begin;
  for (Moment now = begin;; now = look_at(process, done)) {
    if (now.done == 0) idle = now;
    if (now.done >= goal) {
      const auto count = static_cast<double>(now.done);
      return {count / seconds_between(idle, now),
              static_cast<double>((now.cpu - idle.cpu).count()) / count,
              seconds_between(begin, idle)};
    }
    if (!process.running() || now.at - begin.at >= kLongest) {
      throw std::runtime_error("a process came to " + std::to_string(now.done) + " of " +
                               std::to_string(goal) + ": " + process.standard_error());
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace armada_cache::bench
