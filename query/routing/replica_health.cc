#include "query/routing/replica_health.h"

namespace armada_cache::query {

Targets ReplicaHealth::suspects(Time now) {
  std::erase_if(failed_, [&](const auto& entry) { return entry.second + cool_off_ <= now; });
  Targets targets;
  for (const auto& [target, since] : failed_) targets.insert(target);
  return targets;
}

}  // namespace armada_cache::query
