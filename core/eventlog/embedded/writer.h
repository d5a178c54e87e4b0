// The log's one writing thread: appends in groups, and upkeep between them.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
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

  // As EventLog::writable(). Thread-safe.
  base::Status writable() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  void run();
  // When there is something to do though nothing comes.
  SteadyTime deadline(SteadyTime next_round) const;
  void commit(std::vector<PendingAppend> group);
  rocksdb::Status write(rocksdb::WriteBatch& batch);
  void note(const rocksdb::Status& status);
  void doubt(std::string why);
  void resume_if_stopped();
  // Writes something that means nothing, to see whether it can.
  void probe();

  const base::Clock& clock_;
  Store& store_;
  AppendQueue& queue_;
  const std::size_t max_write_bytes_;
  const std::size_t probe_bytes_;
  const std::chrono::milliseconds trim_interval_;
  const std::chrono::milliseconds resume_interval_;
  const std::chrono::milliseconds doubt_after_failure_;
  rocksdb::WriteOptions write_options_;
  BatchBuilder builder_;
  Upkeep upkeep_;
  bool stopped_ = false;  // the last write failed
  SteadyTime next_resume_;
  SteadyTime doubt_ends_;               // where it is not stopped, but in doubt
  std::atomic<bool> in_doubt_ = false;  // stopped, or a moment ago
  mutable std::mutex doubt_mutex_;
  std::string doubt_;  // why
  std::thread thread_;
};

}  // namespace armada_cache::eventlog::embedded
