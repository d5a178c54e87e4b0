#include "query/routing/reach.h"

#include <utility>

namespace armada_cache::query {

base::Status Reach::look(const ProjectorMap& map, const CanReach& can_reach, Time now) {
  std::string unreached;
  for (const ProjectorEntry& entry : map.projectors) {
    if (can_reach(entry.target)) {
      reached_ = now;
    } else {
      unreached += (unreached.empty() ? "" : ", ") + entry.target;
    }
  }
  if (reached_ && now - *reached_ < patience_) return {};
  return base::fail(base::ErrorCode::kUnavailable,
                    reached_ ? "no projector was reached for " + std::to_string(patience_.count()) +
                                   " ms; looked for: " + unreached
                             : "no projector is reached yet; looked for: " + unreached);
}

}  // namespace armada_cache::query
