// Says that records of the log are left aside, since they cannot be read: there may be millions.
#pragma once

#include <mutex>

#include "core/base/error.h"
#include "core/base/line_budget.h"
#include "core/eventlog/record.h"

namespace armada_cache::eventlog {

// Thread-safe.
class UnreadableRecords {
 public:
  // A line of the log for it, with where it is and why, but no more than ten of them a minute.
  void left_aside(const RecordView& record, const base::Error& why);

 private:
  std::mutex mutex_;
  base::LineBudget lines_{10, std::chrono::minutes(1)};
};

}  // namespace armada_cache::eventlog
