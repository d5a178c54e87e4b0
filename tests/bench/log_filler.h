// Fills a log with the events of many jobs, as ingest would.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/eventlog/event_log.h"
#include "tests/bench/job_events.h"

namespace armada_cache::bench {

// Makes the topics of the cache. The log must outlive it. Not for use from several threads at once.
class LogFiller {
 public:
  static constexpr std::size_t kBatch = 500;             // records in one append
  static constexpr std::size_t kMaxUnacknowledged = 16;  // appends

  // `sequence`: of the first event; above those that the log holds already.
  LogFiller(eventlog::EventLog& log, eventlog::Partition partitions, std::uint64_t sequence = 0);

  void append(std::uint64_t job, Step step);
  // Appends what is left and waits until the log has acknowledged everything. kUnavailable: it did
  // not take it all.
  base::Status finish();

  std::uint64_t events() const { return sequence_ - first_sequence_; }
  std::uint64_t next_sequence() const { return sequence_; }
  std::uint64_t bytes() const { return bytes_; }  // of the messages, without keys and headers
  // The job whose event is the last of each partition that has any.
  std::vector<std::uint64_t> last_jobs() const;

 private:
  void send(eventlog::Partition partition);
  void settled(const base::Result<eventlog::Offset>& result);

  std::unique_ptr<eventlog::Appender> appender_;
  std::vector<std::vector<eventlog::Record>> batches_;
  std::vector<std::optional<std::uint64_t>> last_jobs_;
  const std::uint64_t first_sequence_;
  std::uint64_t sequence_;
  std::uint64_t bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t unacknowledged_ = 0;
  base::Status status_;
};

struct JobRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// All events of a job, then those of the next.
void fill_adjacent(LogFiller& filler, JobRange jobs, const std::vector<Step>& life);
// The first event of each job, then the second of each, and so on; jobs in no order of their ids.
void fill_scattered(LogFiller& filler, JobRange jobs, const std::vector<Step>& life);

// ensure_topic for the three topics.
base::Status make_topics(eventlog::EventLog& log, eventlog::Partition partitions);

}  // namespace armada_cache::bench
