// Up to when a partition shows what was appended to the log.
#pragma once

#include <algorithm>
#include <chrono>
#include <span>

#include "core/base/clock.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector {

// How far one topic of the partition is applied.
struct TopicProgress {
  eventlog::Offset applied = 0;
  eventlog::Offset end = 0;
  base::Time last_appended;  // of the last record applied

  eventlog::Offset lag() const { return std::max<eventlog::Offset>(end - applied, 0); }
};

// Everything appended up to then is applied. `now`: from before the ends were asked for. Only a
// topic that lags holds it back: others may have been appended in the same millisecond as the last
// record applied.
inline base::Time visible_up_to(base::Time now, std::span<const TopicProgress> topics) {
  base::Time visible = now;
  for (const TopicProgress& topic : topics) {
    if (topic.lag() == 0) continue;
    visible = std::min(visible, topic.last_appended - std::chrono::milliseconds(1));
  }
  return visible;
}

}  // namespace armada_cache::projector
