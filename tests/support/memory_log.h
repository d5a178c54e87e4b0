// An EventLog in memory: as honest as a real one about order, offsets, compaction and retention,
// with handles for tests. Nothing survives the object.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::test_support {

// Thread-safe. Appends are acknowledged in the caller's thread.
class MemoryLog final : public eventlog::EventLog {
 public:
  explicit MemoryLog(const base::Clock& clock) : clock_(clock) {}

  base::Status ensure_topic(const eventlog::TopicSpec& spec) override;
  std::unique_ptr<eventlog::Appender> appender() override;
  base::Result<std::unique_ptr<eventlog::Reader>> reader(
      const eventlog::Positions& positions) override;
  base::Status writable() override;
  void ends(const std::vector<eventlog::TopicPartition>& of, eventlog::EndsTold done) override;
  base::Result<eventlog::Offset> start_offset(const eventlog::TopicPartition& of) override;

  // For tests. Appends at once; the partition must exist.
  eventlog::Offset append(const eventlog::TopicPartition& to, eventlog::Record record);
  // As retention does: nothing below `start` can be read any more.
  void trim(const eventlog::TopicPartition& of, eventlog::Offset start);
  // As compaction does one day: takes the tombstones away, the last record not excepted.
  void bury_tombstones(const eventlog::TopicPartition& of);
  // Readers see nothing from this offset on until it is moved; end offsets are not affected.
  void hold(const eventlog::TopicPartition& of, eventlog::Offset from);
  void release(const eventlog::TopicPartition& of);
  // Every poll that covers this partition fails with this until it is given an empty one.
  void damage(const eventlog::TopicPartition& of, std::optional<base::Error> error);
  // Every question for its end fails with this until it is given an empty one.
  void hide_end(const eventlog::TopicPartition& of, std::optional<base::Error> error);
  // Every poll and every question for an offset fails with this until it is given an empty one.
  void fail_with(std::optional<base::Error> error);
  // Appends fail with this, and the log is not writable, until it is given an empty one.
  void refuse_with(std::optional<base::Error> error);

 private:
  class MemoryAppender;
  class MemoryReader;

  struct Stored {
    eventlog::Offset offset = 0;
    base::Time appended_at;
    eventlog::Record record;
    std::vector<eventlog::HeaderView> headers;
  };
  struct Log {
    eventlog::Cleanup cleanup = eventlog::Cleanup::kRetention;
    std::deque<std::shared_ptr<const Stored>> records;
    eventlog::Offset start = 0;
    eventlog::Offset end = 0;
    std::optional<eventlog::Offset> held;
    std::optional<base::Error> damage;
    std::optional<base::Error> hidden;
  };

  base::Result<eventlog::Positions> ends(const std::vector<eventlog::TopicPartition>& of);
  base::Result<eventlog::Offset> append_locked(const eventlog::TopicPartition& to,
                                               std::vector<eventlog::Record> batch);

  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<eventlog::TopicPartition, Log> logs_;
  std::map<std::string, eventlog::TopicSpec> topics_;
  std::optional<base::Error> error_;
  std::optional<base::Error> refusal_;
};

}  // namespace armada_cache::test_support
