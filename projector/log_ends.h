// Where the log ends, for askers that may be gone before the log answers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/eventlog/event_log.h"

namespace armada_cache::projector {

// Thread-safe.
class LogEnds {
 public:
  using Done = std::function<void(base::Result<eventlog::Positions>)>;

  // The log must outlive it.
  explicit LogEnds(eventlog::EventLog& log) : log_(log) {}
  ~LogEnds() { stop(); }

  // As EventLog::ends(). Fails with kDataLoss where the log ends before where it had ended when it
  // was asked: what was read of it is not what it holds now.
  void ask(const std::vector<eventlog::TopicPartition>& of, Done done);
  // Fails what waits, and what is asked from now on, with kCancelled. No `done` runs afterwards.
  // Not within a `done`.
  void stop();

 private:
  struct Waiting {
    std::mutex mutex;
    std::condition_variable idle;
    std::map<std::uint64_t, Done> questions;
    std::uint64_t next = 0;
    std::size_t running = 0;
    bool stopped = false;
    eventlog::Positions highest;  // that were ever told

    base::Status take(const eventlog::Positions& ends, const eventlog::Positions& least);
    void tell(std::uint64_t question, base::Result<eventlog::Positions> ends);
  };

  eventlog::EventLog& log_;
  const std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace armada_cache::projector
