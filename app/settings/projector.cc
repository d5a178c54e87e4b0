#include "app/settings/projector.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {
namespace {

void declare_applying(projector::Options& options, base::Settings& settings) {
  settings.add("projector-nice", options.worker_nice, {0, 19},
               "How much the threads that apply events give way to lookups.");
  settings.add("batch-records", options.batch_max_records, {1, 1'000'000},
               "Events taken from the log at a time.");
  settings.add_bytes("batch-bytes", options.batch_max_bytes, range::kMessageBytes,
                     "Events of one partition applied at a time.");
  settings.add("projector-poll-wait", options.poll_wait, {1, 1000}, "How long to wait for events.");
  settings.add("projector-ends-interval", options.ends_interval, {1, 1000},
               "How often the log is asked where it ends: answers are not much older.");
  settings.add_bytes("projector-wal-bytes", options.wal_max_bytes, range::kMemoryBytes,
                     "Write-ahead logs of all databases, to be read at the next start.");
  settings.add("sweep-interval", options.sweep_interval, {100, 86'400'000},
               "Pause between two searches for jobs beyond their time.");
  settings.add("sweep-scan", options.sweep_scan_max, range::kCount,
               "Jobs looked at in one step of a search.");
  settings.add("sweep-delete", options.sweep_delete_max, range::kCount,
               "Jobs forgotten in one step.");
  settings.add_bytes("rejected-payload-bytes", options.rejected_payload_max_bytes, {0, 16 << 20},
                     "What is kept of a record that cannot be applied.");
  settings.add("ready-lag-records", options.ready_lag_max, range::kCount,
               "A projector of its own is not ready while a partition is further behind the log.");
  settings.add("projector-retry-first", options.retry_first, {1, 600'000},
               "First pause after an error of a database or the log; they double.");
  settings.add("projector-retry-max", options.retry_max, {1, 3'600'000}, "Longest such pause.");
}

void declare_reading(projector::Options& options, base::Settings& settings) {
  settings.add("list-scan", options.list_scan_max, {100, 10'000'000},
               "Jobs that one page looks at in search of those in the wanted states.");
  settings.add("projector-ends-wait", options.ends_wait, {10, 600'000},
               "How long a lookup waits for where the log ends, to answer without after that; with "
               "certainty-wait less than the query processes' lookup-call-timeout.");
  settings.add("certainty-waiters", options.certainty_waiters_max, range::kCount,
               "Lookups that may wait to become sure.");
  settings.add("wakes-per-answer", options.wakes_per_answer, {1, 100'000},
               "Job sets at rest that one lookup names, to be looked at.");
  settings.add("poll-check-scan", options.poll_check_scan, range::kCount,
               "Job sets passed over at a time in search of those that are polled.");
}

}  // namespace

void declare(projector::Options& options, base::Settings& settings) {
  settings.section("What is kept");
  settings.add("projector-threads", options.worker_threads, {1, 256}, "Threads that apply events.");
  settings.add("reader-threads", options.reader_threads, {1, 256},
               "Threads for lookups that must read the disk.");
  settings.add("reader-queue", options.reader_queue_max, {1, 1'000'000},
               "Such lookups that wait for a thread; more are turned away.");
  settings.add("job-retention", options.retention, range::kPatience,
               "How long a job is known after it has ended.");
  settings.add_bytes("live-jobs-bytes", options.live_table_max_bytes, range::kBufferBytes,
                     "Memory for jobs that have not ended; more of them are read from disk.");
  settings.add_bytes("finished-jobs-bytes", options.finished_table_max_bytes, {0, 1LL << 40},
                     "Memory for the states of the jobs that ended last.");
  settings.add_bytes("block-cache-bytes", options.block_cache_bytes, range::kBufferBytes,
                     "Memory for the databases' blocks.");
  settings.add_bytes("projector-write-buffer-bytes", options.write_buffer_bytes,
                     range::kBufferBytes, "Memory for records before they go into files.");
  settings.add("rejected-records", options.rejected_records_max, {0, 1'000'000},
               "Records kept aside because they cannot be applied, a partition.");
  settings.rarely_needed();
  declare_applying(options, settings);
  declare_reading(options, settings);
}

base::Status check(const projector::Options& options) {
  Order order;
  order.at_most(in_time("projector-retry-first", options.retry_first),
                in_time("projector-retry-max", options.retry_max));
  order.at_most(in_number("sweep-delete", options.sweep_delete_max),
                in_number("sweep-scan", options.sweep_scan_max));
  return order.status();
}

}  // namespace armada_cache::app
