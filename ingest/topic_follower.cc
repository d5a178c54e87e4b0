#include "ingest/topic_follower.h"

#include <utility>

#include "core/base/log.h"

namespace armada_cache::ingest {
namespace {

constexpr std::size_t kBatch = 500;
constexpr std::chrono::milliseconds kWait{1000};
constexpr std::chrono::milliseconds kPauseAfterError{500};

}  // namespace

TopicFollower::TopicFollower(eventlog::EventLog& log, Handle handle)
    : log_(log), handle_(std::move(handle)), thread_([this] { run(); }) {}

void TopicFollower::follow(Positions positions) {
  std::unique_lock lock(mutex_);
  next_ = std::move(positions);
  if (reader_) reader_->interrupt();
  changed_.notify_all();
  changed_.wait(lock, [this] { return stopping_ || !next_; });
}

TopicFollower::Positions TopicFollower::positions() const {
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
    if (next_) {
      positions_ = std::move(*next_);
      next_.reset();
      reader_.reset();
      changed_.notify_all();
    }
    if (!positions_.empty() && !reader_) open();
    if (reader_) {
      read(lock);
    } else if (positions_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || next_; });
    } else {
      changed_.wait_for(lock, kPauseAfterError, [this] { return stopping_ || next_; });
    }
  }
  reader_.reset();
}

void TopicFollower::open() {
  auto reader = log_.reader(positions_);
  if (reader) {
    reader_ = std::move(*reader);
  } else {
    base::log_error("cannot follow the log", {{"error", reader.error().message}});
  }
}

void TopicFollower::read(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  auto records = reader_->poll(kBatch, kWait);
  if (records && !records->empty()) handle_(*records);
  lock.lock();
  if (!records) {
    base::log_error("cannot read the log", {{"error", records.error().message}});
    changed_.wait_for(lock, kPauseAfterError, [this] { return stopping_ || next_; });
    return;
  }
  for (const auto& record : *records) {
    positions_[{std::string(record.topic), record.partition}] = record.offset + 1;
  }
}

}  // namespace armada_cache::ingest
