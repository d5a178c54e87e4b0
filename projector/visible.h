// Up to when a partition shows what was appended to the log.
#pragma once

#include <algorithm>
#include <chrono>

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

// Everything appended up to then is applied, where that is the last record applied: others may have
// been appended in the same millisecond.
inline base::Time visible_with(base::Time last_appended) {
  return std::max(last_appended, base::Time{} + std::chrono::milliseconds(1)) -
         std::chrono::milliseconds(1);
}

// Everything appended up to then is applied. `now`: from before the end was asked for; `before`:
// what was told last. Where nothing lags it is now.
inline base::Time visible_up_to(base::Time now, const TopicProgress& topic, base::Time before) {
  if (topic.lag() == 0) return now;
  return std::max(before, std::min(now, visible_with(topic.last_appended)));
}

}  // namespace armada_cache::projector
