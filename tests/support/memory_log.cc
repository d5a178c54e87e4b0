#include "tests/support/memory_log.h"

#include <algorithm>

namespace armada_cache::test_support {
namespace {

using eventlog::Offset;
using eventlog::TopicPartition;

base::Error no_such(const TopicPartition& of) {
  return {base::ErrorCode::kNotFound,
          "no topic " + of.topic + " with a partition " + std::to_string(of.partition)};
}

std::string describe(const eventlog::TopicSpec& spec) {
  return std::to_string(spec.partitions) + " partitions and clean-up by " +
         (spec.cleanup == eventlog::Cleanup::kCompaction ? "compaction" : "retention");
}

}  // namespace

class MemoryLog::MemoryAppender final : public eventlog::Appender {
 public:
  explicit MemoryAppender(MemoryLog& log) : log_(log) {}

  void append(const TopicPartition& to, std::vector<eventlog::Record> batch,
              Acknowledged done) override {
    base::Result<Offset> appended = Offset{0};
    {
      const std::lock_guard lock(log_.mutex_);
      if (log_.refusal_) {
        appended = tl::unexpected(*log_.refusal_);
      } else {
        appended = log_.append_locked(to, std::move(batch));
      }
    }
    log_.changed_.notify_all();
    done(std::move(appended));
  }

 private:
  MemoryLog& log_;
};

class MemoryLog::MemoryReader final : public eventlog::Reader {
 public:
  MemoryReader(MemoryLog& log, eventlog::Positions positions)
      : log_(log), positions_(std::move(positions)) {}

  base::Result<std::span<const eventlog::RecordView>> poll(
      std::size_t max_records, std::chrono::milliseconds wait) override {
    views_.clear();
    polled_.clear();
    const auto deadline = std::chrono::steady_clock::now() + wait;
    std::unique_lock lock(log_.mutex_);
    while (true) {
      if (log_.error_) return tl::unexpected(*log_.error_);
      for (const auto& [of, position] : positions_) {
        if (const auto& damage = log_.logs_.at(of).damage) return tl::unexpected(*damage);
      }
      take(max_records);
      if (!views_.empty() || interrupted_) break;
      if (log_.changed_.wait_until(lock, deadline) == std::cv_status::timeout) break;
    }
    interrupted_ = false;
    return std::span<const eventlog::RecordView>(views_);
  }

  Offset position(const TopicPartition& of) const override {
    const std::lock_guard lock(log_.mutex_);
    return positions_.at(of);
  }

  void interrupt() override {
    {
      const std::lock_guard lock(log_.mutex_);
      interrupted_ = true;
    }
    log_.changed_.notify_all();
  }

 private:
  void take(std::size_t max_records) {
    for (auto& [of, position] : positions_) {
      const Log& log = log_.logs_.at(of);
      const auto from = std::lower_bound(
          log.records.begin(), log.records.end(), position,
          [](const auto& stored, Offset offset) { return stored->offset < offset; });
      const Offset end = std::min(log.held.value_or(log.end), log.end);
      auto at = from;
      for (; at != log.records.end() && (*at)->offset < end; ++at) {
        if (views_.size() == max_records) return;
        view(of, *at);
        position = (*at)->offset + 1;
      }
      position = std::max(position, end);
    }
  }

  void view(const TopicPartition& of, const std::shared_ptr<const Stored>& stored) {
    polled_.push_back(stored);
    eventlog::RecordView& record = views_.emplace_back();
    record.topic = of.topic;
    record.partition = of.partition;
    record.offset = stored->offset;
    record.appended_at = stored->appended_at;
    record.key = stored->record.key;
    if (stored->record.value) record.value = *stored->record.value;
    record.headers = stored->headers;
  }

  MemoryLog& log_;
  std::map<TopicPartition, Offset> positions_;
  std::vector<eventlog::RecordView> views_;
  std::vector<std::shared_ptr<const Stored>> polled_;
  bool interrupted_ = false;
};

base::Status MemoryLog::ensure_topic(const eventlog::TopicSpec& spec) {
  if (spec.name.empty() || spec.partitions <= 0) {
    return base::fail(base::ErrorCode::kInvalidArgument, "a topic needs a name and partitions");
  }
  const std::lock_guard lock(mutex_);
  const auto [at, added] = topics_.try_emplace(spec.name, spec);
  if (at->second.partitions != spec.partitions || at->second.cleanup != spec.cleanup) {
    return base::fail(base::ErrorCode::kFailedPrecondition, "topic " + spec.name + " exists with " +
                                                                describe(at->second) +
                                                                ", wanted are " + describe(spec));
  }
  for (eventlog::Partition partition = 0; partition < spec.partitions; ++partition) {
    logs_[{spec.name, partition}].cleanup = spec.cleanup;
  }
  return {};
}

std::unique_ptr<eventlog::Appender> MemoryLog::appender() {
  return std::make_unique<MemoryAppender>(*this);
}

base::Result<std::unique_ptr<eventlog::Reader>> MemoryLog::reader(
    const eventlog::Positions& positions) {
  const std::lock_guard lock(mutex_);
  if (error_) return tl::unexpected(*error_);
  for (const auto& [of, position] : positions) {
    if (!logs_.contains(of)) return tl::unexpected(no_such(of));
  }
  return std::make_unique<MemoryReader>(*this, positions);
}

base::Status MemoryLog::writable() {
  const std::lock_guard lock(mutex_);
  if (refusal_) return tl::unexpected(*refusal_);
  return {};
}

void MemoryLog::ends(const std::vector<TopicPartition>& of, eventlog::EndsTold done) {
  done(ends(of));
}

base::Result<eventlog::Positions> MemoryLog::ends(const std::vector<TopicPartition>& of) {
  const std::lock_guard lock(mutex_);
  if (error_) return tl::unexpected(*error_);
  if (refusal_) return tl::unexpected(*refusal_);
  eventlog::Positions ends;
  for (const TopicPartition& each : of) {
    const auto found = logs_.find(each);
    if (found == logs_.end()) return tl::unexpected(no_such(each));
    if (found->second.hidden) return tl::unexpected(*found->second.hidden);
    ends[each] = found->second.end;
  }
  return ends;
}

base::Result<Offset> MemoryLog::start_offset(const TopicPartition& of) {
  const std::lock_guard lock(mutex_);
  if (error_) return tl::unexpected(*error_);
  const auto found = logs_.find(of);
  if (found == logs_.end()) return tl::unexpected(no_such(of));
  return found->second.start;
}

base::Result<Offset> MemoryLog::append_locked(const TopicPartition& to,
                                              std::vector<eventlog::Record> batch) {
  const auto found = logs_.find(to);
  if (found == logs_.end()) return tl::unexpected(no_such(to));
  Log& log = found->second;
  for (eventlog::Record& record : batch) {
    if (log.cleanup == eventlog::Cleanup::kCompaction) {
      std::erase_if(log.records,
                    [&](const auto& stored) { return stored->record.key == record.key; });
    }
    auto stored = std::make_shared<Stored>();
    stored->offset = log.end++;
    stored->appended_at = clock_.now();
    stored->record = std::move(record);
    for (const eventlog::Header& header : stored->record.headers) {
      stored->headers.push_back({header.name, header.value});
    }
    log.records.push_back(std::move(stored));
  }
  return log.end - 1;
}

Offset MemoryLog::append(const TopicPartition& to, eventlog::Record record) {
  Offset offset = 0;
  {
    const std::lock_guard lock(mutex_);
    std::vector<eventlog::Record> batch;
    batch.push_back(std::move(record));
    offset = append_locked(to, std::move(batch)).value();
  }
  changed_.notify_all();
  return offset;
}

void MemoryLog::trim(const TopicPartition& of, Offset start) {
  const std::lock_guard lock(mutex_);
  Log& log = logs_.at(of);
  log.start = std::max(log.start, std::min(start, log.end));
  while (!log.records.empty() && log.records.front()->offset < log.start) log.records.pop_front();
}

void MemoryLog::bury_tombstones(const TopicPartition& of) {
  const std::lock_guard lock(mutex_);
  std::erase_if(logs_.at(of).records, [](const auto& stored) { return !stored->record.value; });
}

void MemoryLog::refuse_with(std::optional<base::Error> error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

void MemoryLog::hold(const TopicPartition& of, Offset from) {
  const std::lock_guard lock(mutex_);
  logs_.at(of).held = from;
}

void MemoryLog::release(const TopicPartition& of) {
  {
    const std::lock_guard lock(mutex_);
    logs_.at(of).held.reset();
  }
  changed_.notify_all();
}

void MemoryLog::damage(const TopicPartition& of, std::optional<base::Error> error) {
  {
    const std::lock_guard lock(mutex_);
    logs_.at(of).damage = std::move(error);
  }
  changed_.notify_all();
}

void MemoryLog::hide_end(const TopicPartition& of, std::optional<base::Error> error) {
  const std::lock_guard lock(mutex_);
  logs_.at(of).hidden = std::move(error);
}

void MemoryLog::fail_with(std::optional<base::Error> error) {
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  changed_.notify_all();
}

}  // namespace armada_cache::test_support
