// Asks all the time whether something is there, and notes for how long it was not.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace armada_cache::bench {

class GapWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Seen {
    double longest_gap_ms = 0;   // between two answers that it is there
    std::uint64_t failures = 0;  // answers that it is not
  };

  // Asks from now on, on a thread of its own.
  explicit GapWatch(std::function<bool()> there);
  GapWatch(const GapWatch&) = delete;
  GapWatch& operator=(const GapWatch&) = delete;

  // Forgets what was seen so far.
  void begin();
  // Waits until a question that was not asked yet is answered that it is there. False where none is
  // before the deadline.
  bool await(std::chrono::seconds deadline) const;
  Seen seen() const;

 private:
  void run(const std::stop_token& stop);

  const std::function<bool()> there_;
  mutable std::mutex mutex_;
  Seen seen_;
  Clock::time_point last_answer_ = Clock::now();
  Clock::time_point last_question_;  // that had this answer
  std::jthread thread_;
};

}  // namespace armada_cache::bench
