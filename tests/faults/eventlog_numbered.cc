#include "tests/faults/eventlog_numbered.h"

namespace armada_cache::eventlog::numbered {
namespace {

void take(const RecordView& view, Contents& contents) {
  const long number = std::stol(std::string(view.value.value_or("-1")));
  if (view.topic == kLatest.name) {
    if (view.value) contents.latest[view.partition][std::string(view.key)] = number;
    return;
  }
  long& next = contents.next[view.partition];
  if ((number != next || view.offset != next) && contents.fault.empty()) {
    contents.fault = "partition " + std::to_string(view.partition) + " has number " +
                     std::to_string(number) + " at offset " + std::to_string(view.offset) +
                     " where " + std::to_string(next) + " belongs";
  }
  ++next;
}

}  // namespace

Contents read_contents(EventLog& log) {
  std::map<TopicPartition, Offset> positions;
  for (Partition p = 0; p < kPartitions; ++p) {
    positions[{kEvents.name, p}] = 0;
    positions[{kLatest.name, p}] = 0;
  }
  Contents contents;
  auto reader = log.reader(positions);
  if (!reader) return {.next = {}, .latest = {}, .fault = reader.error().message};
  while (true) {
    const auto polled = (*reader)->poll(10'000, std::chrono::milliseconds(0));
    if (!polled) contents.fault = polled.error().message;
    if (!polled || polled->empty()) return contents;
    for (const RecordView& view : *polled) take(view, contents);
  }
}

}  // namespace armada_cache::eventlog::numbered
