// The port to the durable log: what an embedded log and Apache Kafka can both honour, no more.
// embedded/ and kafka/ hold the two; tests/contract holds what each must prove.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/record.h"

namespace armada_cache::eventlog {

enum class Cleanup {
  kRetention,  // records older than `retention` may be trimmed, oldest first
  kCompaction  // at least the last record of each key is kept; a tombstone may vanish with its key
};

struct TopicSpec {
  std::string name;
  Partition partitions = 1;
  Cleanup cleanup = Cleanup::kRetention;
  std::chrono::milliseconds retention = std::chrono::hours(24 * 7);  // kRetention only
};

// Appends records and tells when they are durable. Thread-safe.
class Appender {
 public:
  // The offset of the batch's last record, or why nothing is known to be stored:
  //   kUnavailable        the outcome is unknown: the records may be in the log, whole or in part
  //   kResourceExhausted  too much waits to be stored; nothing of the batch is, try again later
  //   kNotFound           no such topic or partition; kInvalidArgument: an empty batch
  using Acknowledged = std::function<void(base::Result<Offset>)>;

  // Settles what is not yet acknowledged: waits for it, or fails it with kCancelled. Afterwards no
  // `done` runs. Not for use within `done`.
  virtual ~Appender() = default;

  // Never blocks. Batches for one partition are stored in the order of the calls, a batch's records
  // one after another. `done` is called exactly once; it must neither block nor append. It comes
  // from a thread of the appender's, in order for each partition; but what is refused at once, with
  // any code but kUnavailable, is told within the call, before those that wait. Memory in flight is
  // the caller's to bound.
  virtual void append(const TopicPartition& to, std::vector<Record> batch, Acknowledged done) = 0;
};

// Reads a fixed set of partitions, each from its position on. One thread at a time, but for
// interrupt().
class Reader {
 public:
  virtual ~Reader() = default;

  // The next records, at most `max_records`, each partition's in offset order. Waits up to `wait`
  // for the first one; empty means that none came. A position below the start offset skips to it.
  // kDataLoss: a record of the named partition cannot be read; kUnavailable: try again later.
  virtual base::Result<std::span<const RecordView>> poll(std::size_t max_records,
                                                         std::chrono::milliseconds wait) = 0;

  // Each record of the partition below it has been returned, or is in the log no more. Polling goes
  // on to bring it to the end offset, whatever compaction took away there. `of`: one of the
  // reader's.
  virtual Offset position(const TopicPartition& of) const = 0;

  // Makes a waiting poll, or the next one, return at once. From any thread.
  virtual void interrupt() = 0;
};

// What a log knows of the ends of its partitions.
using EndsTold = std::function<void(base::Result<Positions>)>;

// Thread-safe. Appenders and readers must not outlive their log.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Creates the topic where it is missing and checks it where it is there. kFailedPrecondition
  // names what differs (partition count, clean-up) and how to mend it.
  virtual base::Status ensure_topic(const TopicSpec& spec) = 0;

  virtual std::unique_ptr<Appender> appender() = 0;

  // One reader over the given positions. kNotFound: no such topic or partition.
  virtual base::Result<std::unique_ptr<Reader>> reader(const Positions& positions) = 0;

  // kUnavailable while appends are known to fail, and for a moment after it: why, where, and what
  // to do. Whoever was refused may have something to say that is not in the log yet.
  virtual base::Status writable() = 0;

  // Asks for the end offsets of partitions, all or none of which are told. Everything that was
  // acknowledged before the call, to whomever, lies below them. Does not wait, and may be asked all
  // the time. `done` is called exactly once, within the call or from a thread of the log's; it must
  // not block. It may come until the log is gone:
  //   kUnavailable        the log is not writable, and its end says nothing of what it should hold;
  //                       or the end was not to be learnt in time
  //   kResourceExhausted  too many questions wait
  //   kNotFound           no such topic or partition; kCancelled: the log goes
  virtual void ends(const std::vector<TopicPartition>& of, EndsTold done) = 0;
  // The same, waiting for the answer. Not for use within a `done` of this log's.
  base::Result<Positions> end_offsets(const std::vector<TopicPartition>& of);
  base::Result<Offset> end_offset(const TopicPartition& of);

  // May wait, as the former do.
  virtual base::Result<Offset> start_offset(const TopicPartition& of) = 0;
};

}  // namespace armada_cache::eventlog
