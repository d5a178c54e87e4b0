// Where the log ends, for askers that may be gone before the log answers, or not wait so long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/eventlog/event_log.h"

namespace armada_cache::projector {

// Thread-safe.
class LogEnds {
 public:
  using Done = std::function<void(base::Result<eventlog::Positions>)>;
  using SteadyTime = std::chrono::steady_clock::time_point;

  // The log must outlive it.
  explicit LogEnds(eventlog::EventLog& log);
  ~LogEnds() { stop(); }

  // As EventLog::ends(). Fails with kDataLoss where the log ends before where it had ended when it
  // was asked: what was read of it is not what it holds now; and with kUnavailable a moment after
  // `until` where it has not answered, on a thread of its own: `done` must not hold that up either.
  void ask(const std::vector<eventlog::TopicPartition>& of, Done done,
           SteadyTime until = SteadyTime::max());
  // Fails what waits, and what is asked from now on, with kCancelled. No `done` runs afterwards.
  // Not within a `done`.
  void stop();

 private:
  struct Question {
    Done done;
    SteadyTime until;
  };

  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::uint64_t, Question> questions;
    std::uint64_t next = 0;
    std::size_t running = 0;
    bool stopped = false;
    eventlog::Positions highest;  // that were ever told

    base::Status take(const eventlog::Positions& ends, const eventlog::Positions& least);
    void tell(std::uint64_t question, base::Result<eventlog::Positions> ends);
    void give_up_late();
  };

  eventlog::EventLog& log_;
  const std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
  std::thread thread_;
};

}  // namespace armada_cache::projector
