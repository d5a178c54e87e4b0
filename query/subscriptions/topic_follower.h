// Reads one topic from its start for ever, in a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::query {

class TopicFollower {
 public:
  // Offsets below which everything has been read, by partition.
  using Positions = std::vector<eventlog::Offset>;
  // On the follower's thread: the records just read, and how far that is.
  using Take = std::function<void(std::span<const eventlog::RecordView>, const Positions&)>;

  TopicFollower(eventlog::EventLog& log, std::string topic, eventlog::Partition partitions,
                std::chrono::milliseconds retry_interval, Take take);
  ~TopicFollower();  // stops

  base::Status start();
  void stop();

 private:
  void run();
  base::Status read_once();
  base::Result<Positions> ends() const;
  void pause();

  eventlog::EventLog& log_;
  const std::string topic_;
  const std::chrono::milliseconds retry_interval_;
  const Take take_;
  Positions read_;
  std::unique_ptr<eventlog::Reader> reader_;
  std::mutex mutex_;
  std::condition_variable stop_wanted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::query
