// Follows partitions on a thread of its own, and goes on after errors.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <thread>

#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog {

struct FollowOptions {
  std::size_t batch_records = 1000;  // at most, of one poll
  std::chrono::milliseconds poll_wait{1000};
  std::chrono::milliseconds retry_pause{500};  // after an error
};

// The methods are thread-safe.
class TopicFollower {
 public:
  // On the follower's thread, after each poll: what it brought, perhaps nothing, and where the
  // reading stands then. The next poll comes when it returns.
  using Take = std::function<void(std::span<const RecordView>, const Positions&)>;

  // The thread starts at once, but follows nothing yet. The log must outlive the follower.
  TopicFollower(const FollowOptions& options, EventLog& log, Take take);
  ~TopicFollower() { stop(); }
  TopicFollower(const TopicFollower&) = delete;
  TopicFollower& operator=(const TopicFollower&) = delete;

  // Reads these partitions from here on, and no others. Waits until nothing of the former ones is
  // being taken: not to be called within `take`.
  void follow(Positions positions);
  // Follows these besides the others, which go on from where they are. One that is followed already
  // is left as it is. Waits as follow() does, as does remove().
  void add(Positions positions);
  // Follows these partitions, of whatever topic, no longer.
  void remove(const std::set<Partition>& partitions);
  // Where it is.
  Positions positions() const;
  void stop();

 private:
  using Change = std::function<void(Positions&)>;

  void run();
  void change(Change change);
  void take_up_next();
  void read(std::unique_lock<std::mutex>& lock);
  void failed(std::unique_lock<std::mutex>& lock, const base::Error& error);
  bool disturbed() const { return stopping_ || next_ != nullptr; }

  const FollowOptions options_;
  EventLog& log_;
  const Take take_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Positions positions_;
  Change next_;                     // what was asked for and the thread has not taken up
  std::unique_ptr<Reader> reader_;  // changed by the thread alone
  bool failing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::eventlog
