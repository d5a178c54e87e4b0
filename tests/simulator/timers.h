// One thread on which things are done later.
#pragma once

#include <functional>
#include <memory>

#include "tests/simulator/options.h"

namespace armada_cache::simulator {

// Thread-safe. What is scheduled runs one after the other on one thread.
class Timers {
 public:
  Timers();
  ~Timers();  // stops
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  void after(std::chrono::microseconds delay, std::function<void()> what);
  void post(std::function<void()> what);
  // Waits for what is running; nothing runs afterwards. Not from the thread itself.
  void stop();

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace armada_cache::simulator
