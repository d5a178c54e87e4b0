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
  renew_ = true;
  if (reader_) reader_->interrupt();
  changed_.wait(lock, [this] { return !busy_; });
  positions_ = std::move(positions);
  changed_.notify_all();
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
    if (positions_.empty()) {
      reader_.reset();
      changed_.wait(lock, [this] { return stopping_ || !positions_.empty(); });
    } else if (!open()) {
      changed_.wait_for(lock, kPauseAfterError, [this] { return stopping_ || renew_; });
    } else {
      read(lock);
    }
  }
  reader_.reset();
}

bool TopicFollower::open() {
  if (reader_ && !renew_) return true;
  renew_ = false;
  reader_.reset();
  auto reader = log_.reader(positions_);
  if (!reader) {
    base::log_error("cannot follow the log", {{"error", reader.error().message}});
    return false;
  }
  reader_ = std::move(*reader);
  return true;
}

void TopicFollower::read(std::unique_lock<std::mutex>& lock) {
  busy_ = true;
  lock.unlock();
  auto records = reader_->poll(kBatch, kWait);
  if (records && !records->empty()) handle_(*records);
  lock.lock();
  if (records) {
    for (const auto& record : *records) {
      positions_[{std::string(record.topic), record.partition}] = record.offset + 1;
    }
  }
  busy_ = false;
  changed_.notify_all();
  if (records) return;
  base::log_error("cannot read the log", {{"error", records.error().message}});
  changed_.wait_for(lock, kPauseAfterError, [this] { return stopping_ || renew_; });
}

}  // namespace armada_cache::ingest
