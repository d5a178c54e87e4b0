#include "tests/support/eventually.h"

#include <thread>

namespace armada_cache::test_support {

bool eventually(std::chrono::milliseconds deadline, const std::function<bool()>& condition) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPause = std::chrono::milliseconds(2);
  const auto end = Clock::now() + deadline;
  while (!condition()) {
    if (Clock::now() >= end) return condition();
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace armada_cache::test_support
