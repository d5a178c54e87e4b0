// Settings of a projector; app/ fills them.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/base/clock.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector {

struct Options {
  // The projection lives in data_dir/projection/<partition>, a database each.
  std::filesystem::path data_dir;
  // Of the topics. A job's partition is computed from it.
  eventlog::Partition partition_count = 1;
  // Those that are materialized here from the first moment on; others may come and these go.
  std::vector<eventlog::Partition> partitions;

  // Threads that apply records; each has its share of the partitions and a log reader of its own.
  std::size_t worker_threads = 2;
  // Added to the workers' nice value, so that applying yields to lookups.
  int worker_nice = 5;
  // Records taken from the log at a time, and the bytes of one partition's records applied at once.
  std::size_t batch_max_records = 5000;
  std::size_t batch_max_bytes = std::size_t{16} << 20;
  // How long a worker waits for records.
  std::chrono::milliseconds poll_wait{5};
  // Each worker asks the log where it ends once in so long; answers are as of the last time it did.
  std::chrono::milliseconds ends_interval{20};

  // Beyond so many records that a partition is behind the log, the projector is not ready.
  eventlog::Offset ready_lag_max = 100'000;

  // All partitions together.
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  std::size_t write_buffer_bytes = std::size_t{96} << 20;
  std::size_t wal_max_bytes = std::size_t{128} << 20;
  // Live jobs in memory. What does not fit is read from the database: slower, not wrong.
  std::size_t live_table_max_bytes = std::size_t{1} << 30;
  // States of jobs that finished lately, in memory.
  std::size_t finished_table_max_bytes = std::size_t{64} << 20;

  // Terminal jobs are forgotten this long after their last transition.
  base::Duration retention = std::chrono::hours(24 * 42);
  // From the end of one pass over all jobs to the begin of the next.
  base::Duration sweep_interval = std::chrono::minutes(10);
  // Jobs looked at, and at most forgotten, in one step of a pass.
  std::size_t sweep_scan_max = 2000;
  std::size_t sweep_delete_max = 200;

  // Records kept aside, a partition; the oldest are dropped.
  std::size_t rejected_records_max = 1000;
  std::size_t rejected_payload_max_bytes = 4096;

  // Lookups that must read from disk go to these threads; more waiting ones are turned away.
  std::size_t reader_threads = 2;
  std::size_t reader_queue_max = 1000;
  // Jobs that one page of a listing looks at, at most, in search of those that were asked for.
  std::size_t list_scan_max = 10'000;
  // A lookup that finds no such job waits this long for the projection to reach the log's end as of
  // the question before it answers "not certain"; at most this many wait.
  std::chrono::milliseconds certainty_wait{250};
  std::size_t certainty_waiters_max = 10000;
  // Before that it waits so long for the log to tell where it ends; what needs all of a job set
  // too, which then answers that it may not be complete. Together less than the time-out of those
  // who ask.
  std::chrono::milliseconds ends_wait{1000};
  // Relays of an ingest that has shown for so long no more that it lives, as it did before, are in
  // doubt; noticed up to a second later. 0: never.
  std::chrono::milliseconds ingest_silence = std::chrono::seconds(5);
  // Job sets at rest that one answer names, to be woken.
  std::size_t wakes_per_answer = 64;
  // Job sets looked at for one answer to "which were asked for".
  std::size_t poll_check_scan = 10000;

  // After an error, a partition or the log is tried again after the first pause; pauses double.
  base::Duration retry_first = std::chrono::milliseconds(100);
  base::Duration retry_max = std::chrono::seconds(10);
};

}  // namespace armada_cache::projector
