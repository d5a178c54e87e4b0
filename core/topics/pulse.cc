#include "core/topics/pulse.h"

#include <charconv>
#include <string>
#include <system_error>

namespace armada_cache::topics {

base::JobSet pulse_of(eventlog::Partition partition) {
  return {"", std::to_string(partition)};
}

eventlog::Partition partition_of_pulse(const base::JobSet& key) {
  eventlog::Partition partition = -1;
  const char* const end = key.name.data() + key.name.size();
  const auto read = std::from_chars(key.name.data(), end, partition);
  const bool is_whole = read.ec == std::errc() && read.ptr == end;
  return is_pulse(key) && is_whole && partition >= 0 ? partition : -1;
}

}  // namespace armada_cache::topics
