// Writes records of compacted topics until the log has them: of each key the newest alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/base/line_budget.h"
#include "core/eventlog/event_log.h"
#include "ingest/backoff.h"

namespace armada_cache::ingest {

struct RecordWriterOptions {
  BackoffOptions backoff;  // when the log refuses one, all wait
  std::size_t in_flight = 256;
};

// Everything happens on one thread, on which `post` runs things later, from any thread. Holds one
// record for each key that is not written, so its memory is bounded by the keys.
class RecordWriter {
 public:
  using Post = std::function<void(std::function<void()>)>;

  RecordWriter(const RecordWriterOptions& options, eventlog::Appender& appender,
               const base::Clock& clock, Post post, std::uint64_t seed);

  // Takes the place of an earlier record of the key that is not written.
  void write(const eventlog::TopicPartition& to, eventlog::Record record);
  // Somebody else writes this key from here on: it is not tried again. What is under way comes
  // before whatever is appended from now on.
  void leave(std::string_view topic, const std::string& key);
  // Likewise, for the keys of these partitions.
  template <typename Chosen>
  void leave_if(Chosen chosen) {
    std::erase_if(entries_, [&](const auto& entry) { return chosen(entry.second.to.partition); });
  }
  bool is_idle() const { return entries_.empty(); }
  // Of the topic, those partitions with a record that is not even on its way to the log.
  std::set<eventlog::Partition> held_back(std::string_view topic) const;

  void on_time();
  std::optional<base::Time> next_wake() const { return retry_at_; }

 private:
  using Key = std::pair<std::string, std::string>;  // topic, record key
  struct Entry {
    eventlog::TopicPartition to;
    std::optional<eventlog::Record> waiting;
    std::uint64_t under_way = 0;  // the number of the append; 0: none
  };

  void send();
  void send(const Key& key, Entry& entry);
  void on_settled(const Key& key, std::uint64_t number, eventlog::Record record,
                  const base::Status& written);

  const RecordWriterOptions options_;
  eventlog::Appender& appender_;
  const base::Clock& clock_;
  const Post post_;
  Backoff backoff_;
  std::map<Key, Entry> entries_;
  std::deque<Key> line_;  // of keys with a record that waits; perhaps left since
  std::size_t in_flight_ = 0;
  std::uint64_t appends_ = 0;
  std::optional<base::Time> retry_at_;
  base::LineBudget failures_{1, std::chrono::seconds(10)};
  std::shared_ptr<RecordWriter*> self_;  // for what comes when the writer may be gone
};

}  // namespace armada_cache::ingest
