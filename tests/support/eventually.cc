#include "tests/support/eventually.h"

#include <unistd.h>

#include <fstream>
#include <string>
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

pid_t this_thread() {
  return gettid();
}

bool sleeps(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(file, line);
  // The state follows the name, which is in parentheses and may hold some itself.
  const auto name_ends = line.rfind(") ");
  return name_ends != std::string::npos && line.substr(name_ends + 2, 1) == "S";
}

}  // namespace armada_cache::test_support
