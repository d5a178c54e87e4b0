// Job sets whose events the log refused when they were appended last: they are read and appended
// again, and until then the log does not take what comes.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include "core/base/error.h"

namespace armada_cache::ingest {

// Thread-safe.
class RefusedAppends {
 public:
  // One more job set, or one that is counted already once more.
  void refused(bool is_new, const base::Error& why) {
    const std::lock_guard lock(mutex_);
    if (is_new) ++job_sets_;
    last_ = why.message;
  }
  void stored() {
    const std::lock_guard lock(mutex_);
    --job_sets_;
  }
  // kUnavailable while there are any.
  base::Status none() const {
    const std::lock_guard lock(mutex_);
    if (job_sets_ == 0) return {};
    return base::fail(base::ErrorCode::kUnavailable,
                      "the log refuses events of " + std::to_string(job_sets_) +
                          " job sets, which are tried again: " + last_);
  }

 private:
  mutable std::mutex mutex_;
  std::size_t job_sets_ = 0;
  std::string last_;
};

}  // namespace armada_cache::ingest
