// The log's one writing thread: appends in groups, and upkeep between them.
#pragma once

#include <chrono>
#include <thread>

#include "core/base/clock.h"
#include "core/eventlog/embedded/append_queue.h"
#include "core/eventlog/embedded/batch_builder.h"
#include "core/eventlog/embedded/store.h"
#include "core/eventlog/embedded/upkeep.h"

namespace armada_cache::eventlog::embedded {

class Writer {
 public:
  // All must outlive the writer. The thread starts at once.
  Writer(const EmbeddedLogOptions& options, Store& store, TopicTable& topics, AppendQueue& queue);
  // Writes what is queued, then ends the thread.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  void run();
  void commit(std::vector<PendingAppend> group);
  rocksdb::Status write(rocksdb::WriteBatch& batch);
  void resume_if_stopped();

  const base::Clock& clock_;
  Store& store_;
  AppendQueue& queue_;
  const std::size_t max_write_bytes_;
  const std::chrono::milliseconds trim_interval_;
  rocksdb::WriteOptions write_options_;
  BatchBuilder builder_;
  Upkeep upkeep_;
  bool stopped_ = false;  // the last write failed
  std::chrono::steady_clock::time_point next_resume_;
  std::thread thread_;
};

}  // namespace armada_cache::eventlog::embedded
