#include "core/rpc/library_locks.h"

#include <absl/synchronization/mutex.h>

namespace armada_cache::rpc {

void spare_library_lock_checks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace armada_cache::rpc
