#include "app/settings/embedded_log.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {
namespace {

using eventlog::embedded::EmbeddedLogOptions;

void declare_rare(EmbeddedLogOptions& options, base::Settings& settings) {
  settings.rarely_needed();
  settings.add_bytes("log-queue-bytes", options.max_queued_bytes, range::kMemoryBytes,
                     "Records that wait to be stored.");
  settings.add_bytes("log-write-bytes", options.max_write_bytes, range::kMessageBytes,
                     "What one write gathers.");
  settings.add_bytes("log-poll-bytes", options.max_poll_bytes, range::kMessageBytes,
                     "What one reader is given at a time.");
  settings.add("log-open-files", options.max_open_files, {16, 1'000'000},
               "Files of the log held open.");
  settings.add("log-trim-interval", options.trim_interval, {100, 86'400'000},
               "How often records beyond their time are looked for.");
  settings.add("log-tombstone-retention", options.tombstone_retention, range::kPatience,
               "How long the end of a subscription stays in the log.");
  settings.add("log-tombstones-at-once", options.tombstones_per_step, range::kCount,
               "How many such ends are removed between two writes.");
  settings.add("log-resume-interval", options.resume_interval, {10, 60'000},
               "How often it is tried whether a full disk takes writes again.");
  settings.add_bytes("log-probe-bytes", options.probe_bytes, {1, 64 << 20},
                     "How much is written to try it.");
  settings.add("log-doubt-after-failure", options.doubt_after_failure, {1000, 600'000},
               "How long after it does nothing is certain: what was refused is appended again.");
}

}  // namespace

void declare(EmbeddedLogOptions& options, base::Settings& settings) {
  settings.section("The log");
  settings.add("sync-log", options.sync_every_batch,
               "Whether an event counts as stored only when the disk has it, so that a loss of "
               "power loses nothing. Slower.");
  settings.add_bytes("log-write-buffer-bytes", options.write_buffer_bytes, range::kBufferBytes,
                     "Records in memory before they go into files.");
  settings.add_bytes("log-cache-bytes", options.cache_bytes, range::kBufferBytes,
                     "Blocks of the log's files in memory.");
  declare_rare(options, settings);
}

base::Status check(const EmbeddedLogOptions& options) {
  Order order;
  order.at_most(in_bytes("log-write-bytes", options.max_write_bytes),
                in_bytes("log-queue-bytes", options.max_queued_bytes));
  return order.status();
}

}  // namespace armada_cache::app
