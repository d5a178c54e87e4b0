#include "core/eventlog/replay.h"

#include <algorithm>

namespace armada_cache::eventlog {
namespace {

base::Status find_bounds(EventLog& log, const TopicPartition& of, Positions& starts,
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

base::Result<Positions> replay(const FollowOptions& options, EventLog& log, std::string_view topic,
                               const std::set<Partition>& partitions,
                               const std::function<void(const RecordView&)>& each) {
  Positions at;
  Positions ends;
  for (const Partition partition : partitions) {
    if (auto known = find_bounds(log, {std::string(topic), partition}, at, ends); !known) {
      return tl::unexpected(known.error());
    }
  }
  if (reached(at, ends)) return at;
  const auto reader = log.reader(at);
  if (!reader) return tl::unexpected(reader.error());
  while (!reached(at, ends)) {
    const auto records = (*reader)->poll(options.batch_records, options.poll_wait);
    if (!records) return tl::unexpected(records.error());
    for (const RecordView& record : *records) each(record);
    for (auto& [of, position] : at) position = (*reader)->position(of);
  }
  return at;
}

}  // namespace armada_cache::eventlog
