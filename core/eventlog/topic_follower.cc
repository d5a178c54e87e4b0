#include "core/eventlog/topic_follower.h"

#include <utility>

#include "core/base/log.h"

namespace armada_cache::eventlog {

TopicFollower::TopicFollower(const FollowOptions& options, EventLog& log, Take take)
    : options_(options), log_(log), take_(std::move(take)), thread_([this] { run(); }) {}

void TopicFollower::follow(Positions positions) {
  change([&](Positions& followed) { followed = std::move(positions); });
}

void TopicFollower::add(Positions positions) {
  change([&](Positions& followed) { followed.merge(positions); });
}

void TopicFollower::remove(const std::set<Partition>& partitions) {
  change([&](Positions& followed) {
    std::erase_if(followed,
                  [&](const auto& entry) { return partitions.contains(entry.first.partition); });
  });
}

// What is being read counts as read before the change is made.
void TopicFollower::change(Change change) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !next_; });
  if (stopping_) return;
  next_ = std::move(change);
  if (reader_) reader_->interrupt();
  changed_.notify_all();
  changed_.wait(lock, [this] { return stopping_ || !next_; });
}

Positions TopicFollower::positions() const {
  const std::lock_guard lock(mutex_);
  return positions_;
}

void TopicFollower::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (reader_) reader_->interrupt();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TopicFollower::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (next_) take_up_next();
    if (positions_.empty()) {
      changed_.wait(lock, [this] { return disturbed(); });
    } else {
      read(lock);
    }
  }
  reader_.reset();
}

void TopicFollower::take_up_next() {
  std::exchange(next_, nullptr)(positions_);
  reader_.reset();
  changed_.notify_all();
}

void TopicFollower::read(std::unique_lock<std::mutex>& lock) {
  if (!reader_) {
    auto opened = log_.reader(positions_);
    if (!opened) return failed(lock, opened.error());
    reader_ = std::move(*opened);
  }
  lock.unlock();
  const auto records = reader_->poll(options_.batch_records, options_.poll_wait);
  Positions reached;
  if (records) {
    for (const auto& [of, position] : positions_) reached[of] = reader_->position(of);
    take_(*records, reached);
  }
  lock.lock();
  if (!records) return failed(lock, records.error());
  failing_ = false;
  positions_ = std::move(reached);
}

void TopicFollower::failed(std::unique_lock<std::mutex>& lock, const base::Error& error) {
  if (!std::exchange(failing_, true)) {
    base::log_warn("the log cannot be read, trying again",
                   {{"topic", positions_.begin()->first.topic}, {"error", error.message}});
  }
  changed_.wait_for(lock, options_.retry_pause, [this] { return disturbed(); });
}

}  // namespace armada_cache::eventlog
