#include "ingest/log_replay.h"

#include <algorithm>

#include "core/base/log.h"

namespace armada_cache::ingest {
namespace {

using eventlog::Offset;
using eventlog::TopicPartition;
using Positions = std::map<TopicPartition, Offset>;

constexpr std::size_t kBatch = 1000;
constexpr std::chrono::milliseconds kWait{500};
// A log may hold nothing at its last offsets, when those were tombstones that compaction removed.
constexpr int kEmptyPollsThatMeanTheEnd = 6;

base::Status bounds(eventlog::EventLog& log, const TopicPartition& of, Positions& starts,
                    Positions& ends) {
  const auto start = log.start_offset(of);
  if (!start) return tl::unexpected(start.error());
  const auto end = log.end_offset(of);
  if (!end) return tl::unexpected(end.error());
  starts[of] = *start;
  ends[of] = *end;
  return {};
}

bool reached(const Positions& at, const Positions& ends) {
  return std::ranges::all_of(ends,
                             [&](const auto& entry) { return at.at(entry.first) >= entry.second; });
}

}  // namespace

base::Result<Positions> replay(eventlog::EventLog& log, std::string_view topic,
                               const std::set<eventlog::Partition>& partitions,
                               const std::function<void(const eventlog::RecordView&)>& each) {
  Positions at;
  Positions ends;
  for (const auto partition : partitions) {
    if (auto known = bounds(log, {std::string(topic), partition}, at, ends); !known) {
      return tl::unexpected(known.error());
    }
  }
  if (reached(at, ends)) return at;
  auto reader = log.reader(at);
  if (!reader) return tl::unexpected(reader.error());
  for (int empty = 0; !reached(at, ends) && empty < kEmptyPollsThatMeanTheEnd;) {
    auto records = (*reader)->poll(kBatch, kWait);
    if (!records) return tl::unexpected(records.error());
    empty = records->empty() ? empty + 1 : 0;
    for (const auto& record : *records) {
      at[{std::string(record.topic), record.partition}] = record.offset + 1;
      each(record);
    }
  }
  return at;
}

}  // namespace armada_cache::ingest
