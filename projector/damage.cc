#include "projector/damage.h"

#include "core/base/log.h"

namespace armada_cache::projector {

void Damage::note(const std::string& folder, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!why_.empty()) return;
    why_ = why;
  }
  base::log_error("a database is damaged; what it cannot read is not answered until that is mended",
                  {{"folder", folder}, {"error", why}});
}

std::string Damage::why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

}  // namespace armada_cache::projector
