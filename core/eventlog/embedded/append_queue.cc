#include "core/eventlog/embedded/append_queue.h"

namespace armada_cache::eventlog::embedded {
namespace {

std::size_t bytes_in_memory(const std::vector<Record>& batch) {
  std::size_t bytes = 0;
  for (const Record& record : batch) {
    bytes += sizeof(Record) + record.headers.size() * sizeof(Header) + record.bytes();
  }
  return bytes;
}

}  // namespace

base::Status AppendQueue::push(PendingAppend& append) {
  append.bytes = bytes_in_memory(append.batch);
  const std::lock_guard lock(mutex_);
  if (bytes_ + append.bytes > max_bytes_) {
    return base::fail(base::ErrorCode::kResourceExhausted,
                      "an append of " + std::to_string(append.bytes) + " bytes to " +
                          append.topic->name + " does not fit: " + std::to_string(bytes_) + " of " +
                          std::to_string(max_bytes_) +
                          " bytes wait to be written; append again later");
  }
  bytes_ += append.bytes;
  waiting_.push_back(std::move(append));
  if (waiting_.size() == 1) changed_.notify_one();
  return {};
}

std::vector<PendingAppend> AppendQueue::take(std::size_t max_bytes,
                                             std::chrono::steady_clock::time_point deadline) {
  std::vector<PendingAppend> taken;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return closed_ || !waiting_.empty(); });
  for (std::size_t bytes = 0; !waiting_.empty(); waiting_.pop_front()) {
    bytes += waiting_.front().bytes;
    if (!taken.empty() && bytes > max_bytes) break;
    taken.push_back(std::move(waiting_.front()));
  }
  return taken;
}

void AppendQueue::release(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
}

void AppendQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool AppendQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace armada_cache::eventlog::embedded
