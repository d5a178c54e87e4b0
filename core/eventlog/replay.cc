#include "core/eventlog/replay.h"

#include <algorithm>
#include <string>

namespace armada_cache::eventlog {
namespace {

using SteadyClock = std::chrono::steady_clock;

base::Result<Positions> find_starts(EventLog& log, const std::vector<TopicPartition>& of) {
  Positions starts;
  for (const TopicPartition& each : of) {
    const auto start = log.start_offset(each);
    if (!start) return tl::unexpected(start.error());
    starts[each] = *start;
  }
  return starts;
}

base::Error nothing_comes(const Positions& at, const Positions& ends,
                          std::chrono::milliseconds patience) {
  const auto behind = std::ranges::find_if(
      at, [&](const auto& entry) { return entry.second < ends.at(entry.first); });
  const auto& [of, position] = *behind;
  return {base::ErrorCode::kUnavailable,
          "the log brings nothing of partition " + std::to_string(of.partition) + " of " +
              of.topic + " beyond offset " + std::to_string(position) + ", though it ends at " +
              std::to_string(ends.at(of)) + "; given up after " + std::to_string(patience.count()) +
              " ms"};
}

bool reached(const Positions& at, const Positions& ends) {
  return std::ranges::all_of(ends,
                             [&](const auto& entry) { return at.at(entry.first) >= entry.second; });
}

// Reads until all is reached, moving `at`.
base::Status read_up_to(const Positions& ends, const ReplayOptions& options, Reader& reader,
                        const std::function<void(const RecordView&)>& each, Positions& at) {
  auto last_progress = SteadyClock::now();
  while (!reached(at, ends)) {
    if (options.stopped && options.stopped()) {
      return base::fail(base::ErrorCode::kCancelled, "told to stop while reading the log");
    }
    const auto records = reader.poll(options.read.batch_records, options.read.poll_wait);
    if (!records) return tl::unexpected(records.error());
    for (const RecordView& record : *records) each(record);
    const Positions before = at;
    for (auto& [of, position] : at) position = reader.position(of);
    if (at != before) {
      last_progress = SteadyClock::now();
    } else if (SteadyClock::now() - last_progress >= options.patience) {
      return tl::unexpected(nothing_comes(at, ends, options.patience));
    }
  }
  return {};
}

}  // namespace

base::Result<Positions> replay(const ReplayOptions& options, EventLog& log, std::string_view topic,
                               const std::set<Partition>& partitions,
                               const std::function<void(const RecordView&)>& each) {
  std::vector<TopicPartition> wanted;
  wanted.reserve(partitions.size());
  for (const Partition partition : partitions) wanted.push_back({std::string(topic), partition});
  auto at = find_starts(log, wanted);
  if (!at) return at;
  auto ends = log.end_offsets(wanted);
  if (!ends) return ends;
  if (reached(*at, *ends)) return at;
  const auto reader = log.reader(*at);
  if (!reader) return tl::unexpected(reader.error());
  if (auto read = read_up_to(*ends, options, **reader, each, *at); !read) {
    return tl::unexpected(read.error());
  }
  return at;
}

}  // namespace armada_cache::eventlog
