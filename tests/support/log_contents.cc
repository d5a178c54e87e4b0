#include "tests/support/log_contents.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <unordered_map>

#include "armada/api/event.pb.h"
#include "core/base/clock.h"
#include "core/base/upstream_id.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::test_support {
namespace {

constexpr std::size_t kRecordsAtOnce = 10'000;
// A reader that comes to a busy broker may have to wait for its first record.
constexpr std::chrono::milliseconds kWait{30'000};
constexpr std::size_t kFaultsKept = 20;

template <typename T>
T need(base::Result<T> result) {
  if (!result) throw std::runtime_error("the log cannot be read: " + result.error().message);
  return std::move(*result);
}

class Collector {
 public:
  explicit Collector(eventlog::Partition partitions) : partitions_(partitions) {}

  void add(const eventlog::RecordView& record) {
    ++contents_.records;
    if (topics::partition_of(record.key, partitions_) != record.partition) {
      fault("wrong partition", record);
    }
    const std::string id(record.header("ce_id").value_or(""));
    const auto job_set = topics::job_set_of_event(record);
    if (!job_set) return fault(job_set.error().message, record);
    api::EventStreamMessage message;
    if (!message.ParseFromArray(record.value->data(), static_cast<int>(record.value->size())) ||
        !base::UpstreamId::parse(message.id())) {
      ++contents_.unreadable;
      return;
    }
    if (message.id() != id) fault("ce_id is not the message's id " + message.id(), record);
    count(*job_set, id, record);
  }

  LogContents take() { return std::move(contents_); }

 private:
  void count(const base::JobSet& job_set, const std::string& id,
             const eventlog::RecordView& record) {
    const std::size_t bytes = std::hash<std::string_view>()(*record.value);
    const std::string name = job_set.queue + "\n" + job_set.name + "\n";
    const auto [entry, first] = hashes_.emplace(name + id, bytes);
    ++contents_.messages[job_set][id];
    if (!first) {
      ++contents_.repeats;
      if (entry->second != bytes) fault("a repeat with other bytes", record);
      return;
    }
    auto& newest = newest_[name + std::to_string(record.partition)];
    const base::UpstreamId now = *base::UpstreamId::parse(id);
    if (now <= newest) fault("a first copy that the rule drops", record);
    newest = std::max(newest, now);
  }

  void fault(const std::string& what, const eventlog::RecordView& record) {
    if (contents_.faults.size() >= kFaultsKept) return;
    contents_.faults.push_back(what + ": partition " + std::to_string(record.partition) +
                               ", offset " + std::to_string(record.offset) + ", key " +
                               std::string(record.key));
  }

  eventlog::Partition partitions_;
  LogContents contents_;
  std::unordered_map<std::string, std::size_t> hashes_;
  // Of each job set and partition. What is not newer is dropped by whoever reads the log.
  std::unordered_map<std::string, base::UpstreamId> newest_;
};

void read_partition(eventlog::EventLog& log, const eventlog::TopicPartition& partition,
                    Collector& collector) {
  const eventlog::Offset end = need(log.end_offset(partition));
  eventlog::Offset next = need(log.start_offset(partition));
  const auto reader = need(log.reader({{partition, next}}));
  while (next < end) {
    const auto records = need(reader->poll(kRecordsAtOnce, kWait));
    if (records.empty()) throw std::runtime_error("the log ends before its end offset");
    for (const eventlog::RecordView& record : records) collector.add(record);
    next = records.back().offset + 1;
  }
}

}  // namespace

LogContents read_log(const std::filesystem::path& data_dir, eventlog::Partition partitions) {
  const base::SystemClock clock;
  const auto log =
      need(eventlog::embedded::open_embedded_log({.directory = data_dir / "log", .clock = clock}));
  return read_log(*log, partitions);
}

LogContents read_log(eventlog::EventLog& log, eventlog::Partition partitions) {
  Collector collector(partitions);
  for (eventlog::Partition number = 0; number < partitions; ++number) {
    read_partition(log, {std::string(topics::kEvents), number}, collector);
  }
  return collector.take();
}

}  // namespace armada_cache::test_support
