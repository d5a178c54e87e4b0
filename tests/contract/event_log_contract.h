// What every EventLog must prove. An implementation gives a harness and instantiates the suite:
//   INSTANTIATE_TEST_SUITE_P(Embedded, EventLogContract, testing::Values(&make_embedded_harness));
// The suite asks only what the embedded log and Apache Kafka can both honour: offsets may have
// gaps, compaction and retention come eventually, a compacted topic keeps at least the last record
// of each key.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog {

// A log under test, empty at first.
class LogHarness {
 public:
  virtual ~LogHarness() = default;
  virtual EventLog& log() = 0;
  // Closes the log and opens it again. Appenders and readers must be gone.
  virtual void reopen() = 0;
  // Makes the log forget what the partition holds now, as its topic's retention will one day;
  // returns when it has.
  virtual void expire(const TopicPartition& partition) = 0;
  // Makes the log take away the tombstones that the compacted partition holds now, as far as it
  // ever does; returns when it has.
  virtual void bury(const TopicPartition& partition) = 0;
};

using HarnessFactory = std::unique_ptr<LogHarness> (*)();

// A record as read, kept beyond the next poll.
struct Read {
  std::string topic;
  Partition partition = 0;
  Offset offset = 0;
  base::Time appended_at;
  std::string key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

Record record(std::string key, std::optional<std::string> value, std::vector<Header> headers = {});

class EventLogContract : public testing::TestWithParam<HarnessFactory> {
 protected:
  void SetUp() override { harness_ = GetParam()(); }

  EventLog& log() { return harness_->log(); }

  // Makes the topic and returns its name.
  std::string make_topic(const TopicSpec& spec);

  // Appends and waits for the acknowledgement.
  base::Result<Offset> append(const TopicPartition& to, std::vector<Record> batch);

  std::unique_ptr<Reader> reader(const std::map<TopicPartition, Offset>& positions);

  // Polls until there are `count` records or a deadline passes.
  static std::vector<Read> read(Reader& reader, std::size_t count);

  // Everything from `position` up to the partition's end offset.
  std::vector<Read> read_all(const TopicPartition& of, Offset position = 0);

  std::unique_ptr<LogHarness> harness_;
};

inline constexpr std::chrono::seconds kDeadline(30);

}  // namespace armada_cache::eventlog
