#include "core/eventlog/unreadable_records.h"

#include "core/base/log.h"

namespace armada_cache::eventlog {

void UnreadableRecords::left_aside(const RecordView& record, const base::Error& why) {
  const std::lock_guard lock(mutex_);
  const auto left_out = lines_.take();
  if (!left_out) return;
  base::log_warn("left a record of the log aside", {{"topic", record.topic},
                                                    {"partition", record.partition},
                                                    {"offset", record.offset},
                                                    {"error", why.message},
                                                    {"lines_left_out_before", *left_out}});
}

}  // namespace armada_cache::eventlog
