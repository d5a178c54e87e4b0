#include "query/subscriptions/topic_follower.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"

namespace armada_cache::query {
namespace {

constexpr std::size_t kMaxRecords = 1000;
constexpr std::chrono::milliseconds kPollWait{100};

}  // namespace

TopicFollower::TopicFollower(eventlog::EventLog& log, std::string topic,
                             eventlog::Partition partitions,
                             std::chrono::milliseconds retry_interval, Take take)
    : log_(log),
      topic_(std::move(topic)),
      retry_interval_(retry_interval),
      take_(std::move(take)),
      read_(static_cast<std::size_t>(partitions), 0) {}

TopicFollower::~TopicFollower() {
  stop();
}

base::Status TopicFollower::start() {
  std::map<eventlog::TopicPartition, eventlog::Offset> positions;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    positions[{topic_, static_cast<eventlog::Partition>(i)}] = 0;
  }
  auto reader = log_.reader(positions);
  if (!reader) return tl::unexpected(reader.error());
  reader_ = std::move(*reader);
  thread_ = std::thread([this] { run(); });
  return {};
}

void TopicFollower::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_wanted_.notify_all();
  if (!thread_.joinable()) return;
  reader_->interrupt();
  thread_.join();
  reader_.reset();
}

void TopicFollower::run() {
  bool failing = false;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    const base::Status read = read_once();
    if (!read && !failing) {
      base::log_warn("topic cannot be read, trying again",
                     {{"topic", topic_}, {"error", read.error().message}});
    }
    failing = !read;
    if (failing) pause();
  }
}

base::Status TopicFollower::read_once() {
  const auto before = ends();
  if (!before) return tl::unexpected(before.error());
  const auto records = reader_->poll(kMaxRecords, kPollWait);
  if (!records) return tl::unexpected(records.error());
  for (const eventlog::RecordView& record : *records) {
    read_[static_cast<std::size_t>(record.partition)] = record.offset + 1;
  }
  // Where nothing came, everything below the ends is read, though compaction may have taken the
  // record before an end away.
  if (records->empty()) {
    for (std::size_t i = 0; i < read_.size(); ++i) read_[i] = std::max(read_[i], (*before)[i]);
  }
  take_(*records, read_);
  return {};
}

base::Result<TopicFollower::Positions> TopicFollower::ends() const {
  Positions ends;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    auto end = log_.end_offset({topic_, static_cast<eventlog::Partition>(i)});
    if (!end) return tl::unexpected(end.error());
    ends.push_back(*end);
  }
  return ends;
}

void TopicFollower::pause() {
  std::unique_lock lock(mutex_);
  stop_wanted_.wait_for(lock, retry_interval_, [this] { return stopping_; });
}

}  // namespace armada_cache::query
