// Follows partitions of a topic on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "core/eventlog/event_log.h"

namespace armada_cache::ingest {

// `handle` is called on that thread with each batch; the next one is read when it returns.
// The methods are thread-safe.
class TopicFollower {
 public:
  using Positions = std::map<eventlog::TopicPartition, eventlog::Offset>;
  using Handle = std::function<void(std::span<const eventlog::RecordView>)>;

  TopicFollower(eventlog::EventLog& log, Handle handle);
  ~TopicFollower() { stop(); }

  // Reads these partitions from here on, and no others. No batch of the former ones is handled
  // after it returns.
  void follow(Positions positions);
  // Where it is.
  Positions positions() const;
  void stop();

 private:
  void run();
  void read(std::unique_lock<std::mutex>& lock);
  void open();

  eventlog::EventLog& log_;
  const Handle handle_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Positions positions_;
  std::optional<Positions> next_;  // what follow() asked for and the thread has not taken up
  std::unique_ptr<eventlog::Reader> reader_;  // changed by the thread alone
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::ingest
