#include "ingest/record_writer.h"

#include <vector>

#include "core/base/log.h"

namespace armada_cache::ingest {

RecordWriter::RecordWriter(const RecordWriterOptions& options, eventlog::Appender& appender,
                           const base::Clock& clock, Post post, std::uint64_t seed)
    : options_(options),
      appender_(appender),
      clock_(clock),
      post_(std::move(post)),
      backoff_(options.backoff, seed),
      self_(std::make_shared<RecordWriter*>(this)) {}

void RecordWriter::write(const eventlog::TopicPartition& to, eventlog::Record record) {
  Key key{to.topic, record.key};
  Entry& entry = entries_[key];
  entry.to = to;
  const bool in_line = entry.waiting.has_value() || entry.under_way != 0;
  entry.waiting = std::move(record);
  if (in_line) return;
  line_.push_back(std::move(key));
  send();
}

void RecordWriter::leave(std::string_view topic, const std::string& key) {
  entries_.erase({std::string(topic), key});
}

std::set<eventlog::Partition> RecordWriter::held_back(std::string_view topic) const {
  std::set<eventlog::Partition> partitions;
  for (const auto& [key, entry] : entries_) {
    if (entry.waiting && key.first == topic) partitions.insert(entry.to.partition);
  }
  return partitions;
}

void RecordWriter::on_time() {
  if (!retry_at_ || clock_.now() < *retry_at_) return;
  retry_at_.reset();
  send();
}

void RecordWriter::send() {
  while (!retry_at_ && !line_.empty() && in_flight_ < options_.in_flight) {
    const Key key = std::move(line_.front());
    line_.pop_front();
    const auto found = entries_.find(key);
    if (found == entries_.end() || !found->second.waiting || found->second.under_way != 0) continue;
    send(key, found->second);
  }
}

void RecordWriter::send(const Key& key, Entry& entry) {
  eventlog::Record record = *std::exchange(entry.waiting, std::nullopt);
  entry.under_way = ++appends_;
  ++in_flight_;
  std::vector<eventlog::Record> batch{record};
  appender_.append(
      entry.to, std::move(batch),
      [post = post_, weak = std::weak_ptr(self_), key, number = entry.under_way,
       record = std::move(record)](const base::Result<eventlog::Offset>& result) mutable {
        base::Status written;
        if (!result) written = tl::unexpected(result.error());
        post([weak, key, number, record = std::move(record), written = std::move(written)] {
          if (const auto self = weak.lock()) (*self)->on_settled(key, number, record, written);
        });
      });
}

void RecordWriter::on_settled(const Key& key, std::uint64_t number, eventlog::Record record,
                              const base::Status& written) {
  --in_flight_;
  if (written) {
    backoff_.reset();
  } else if (!retry_at_) {
    retry_at_ = clock_.now() + backoff_.next();
    if (const auto left_out = failures_.take()) {
      base::log_warn("records were not written, trying again",
                     {{"topic", key.first},
                      {"waiting", entries_.size()},
                      {"error", written.error().message},
                      {"lines_left_out_before", *left_out}});
    }
  }
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.under_way == number) {
    Entry& entry = found->second;
    entry.under_way = 0;
    if (!written && !entry.waiting) entry.waiting = std::move(record);
    if (entry.waiting) line_.push_back(key);
    if (!entry.waiting) entries_.erase(found);
  }
  send();
}

}  // namespace armada_cache::ingest
