// The appends that wait for the writer: bounded in bytes, first in first out.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/embedded/topic.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/outstanding.h"

namespace armada_cache::eventlog::embedded {

struct PendingAppend {
  Topic* topic = nullptr;
  PartitionState* state = nullptr;
  Partition partition = 0;
  std::vector<Record> batch;
  Appender::Acknowledged done;
  std::shared_ptr<Outstanding> owner;
  std::size_t bytes = 0;
};

// Thread-safe; one thread takes.
class AppendQueue {
 public:
  explicit AppendQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Never blocks. kResourceExhausted: it does not fit; then `append` is as it was.
  base::Status push(PendingAppend& append);

  // Waits until there is something, `deadline` has passed, or the queue is closed. At most about
  // `max_bytes`, but one append always. After close(): empty once all was taken.
  std::vector<PendingAppend> take(std::size_t max_bytes,
                                  std::chrono::steady_clock::time_point deadline);

  // What was taken no longer counts against the bound.
  void release(std::size_t bytes);

  void close();
  bool closed() const;

 private:
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PendingAppend> waiting_;
  std::size_t bytes_ = 0;  // waiting or taken
  bool closed_ = false;
};

}  // namespace armada_cache::eventlog::embedded
