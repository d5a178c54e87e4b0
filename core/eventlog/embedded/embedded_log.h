// A durable log in one folder of the local disk, for one process: EventLog on RocksDB.
// schemas/embedded-log.md describes what is on disk and what bounds memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace rocksdb {
class Env;
}

namespace armada_cache::eventlog::embedded {

// The version of what is on disk. A log of a newer version is refused, not misread.
inline constexpr int kFormatVersion = 1;

struct EmbeddedLogOptions {
  std::filesystem::path directory;  // made where it is missing
  // Thread-safe; stamps records and tells their age.
  const base::Clock& clock = base::kSystemClock;

  std::size_t write_buffer_bytes = 64u << 20;  // records in memory before they go into sorted files
  std::size_t cache_bytes = 32u << 20;         // blocks of those files
  int max_open_files = 512;

  // Appends that wait or are being written. An append beyond it answers kResourceExhausted.
  std::size_t max_queued_bytes = 64u << 20;
  std::size_t max_write_bytes = 4u << 20;  // what one write gathers, when more waits
  std::size_t max_poll_bytes = 8u << 20;   // what one poll returns, but always one record

  // False: an acknowledged record survives the death of the process, but not a loss of power,
  // since the operating system has it, not yet the disk. True: the disk has it.
  bool sync_every_batch = false;

  // After a failed write: how often it is tried whether the disk takes writes again, with how many
  // bytes, and how long after it does the log still answers that it is not writable, so that those
  // it refused can append what they had to say.
  std::chrono::milliseconds resume_interval{200};
  std::size_t probe_bytes = 64u << 10;
  std::chrono::milliseconds doubt_after_failure{3000};

  // How often old records are looked for, and how long a tombstone outlives its record.
  std::chrono::milliseconds trim_interval = std::chrono::minutes(1);
  std::chrono::milliseconds tombstone_retention = std::chrono::hours(24);
  std::size_t tombstones_per_step = 1000;  // removed between two writes

  rocksdb::Env* env = nullptr;  // where files live; the local disk unless given; not owned
};

// Errors:
//   kFailedPrecondition  another process holds the folder, its format is newer, or it is no log
//   kDataLoss            a file is damaged or missing
//   kPermissionDenied, kUnavailable  the folder cannot be made, read or written
//
// Beyond what EventLog promises:
// - One thread writes; it gathers waiting appends into one atomic write and calls each `done`.
// - ~Appender waits until all of its appends are settled; none is cancelled. Not for use in `done`.
// - After a failed write (a full disk, say) `done` gets kUnavailable; offsets of a failed write are
//   not used again. The log tries by itself whether the disk takes writes again, appends or none.
// - ensure_topic with another retention replaces the stored one.
// - An append to a compacted topic removes the earlier record of its key in the same write. A
//   tombstone is removed after tombstone_retention, unless it is its partition's last record.
// - appended_at never goes backwards within a partition, though the clock may.
base::Result<std::unique_ptr<EventLog>> open_embedded_log(const EmbeddedLogOptions& options);

}  // namespace armada_cache::eventlog::embedded
