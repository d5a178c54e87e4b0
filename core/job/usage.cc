// What utilisation events tell: the greatest use of each resource.
#include "core/job/lifecycle.h"
#include "core/job/quantity.h"
#include "core/job/text.h"

namespace armada_cache::job {
namespace {

constexpr std::size_t kMaxResources = 64;
constexpr std::size_t kMaxQuantityBytes = 64;

bool is_greater(const std::string& quantity, const std::string& kept) {
  const auto number = parse_quantity(quantity_text(quantity));
  const auto known = parse_quantity(quantity_text(kept));
  return number && (!known || *number > *known);
}

}  // namespace

void on(const api::JobUtilisationEvent& event, const Change& change) {
  if (change.first) {
    change.record.set_state(api::RUNNING);
    change.record.set_last_transition_us(change.created_us);
  }
  auto& kept = *change.record.mutable_max_resources();
  for (const auto& [resource, quantity] : event.maxresourcesforperiod()) {
    if (resource.size() > kMaxNameBytes || quantity.size() > kMaxQuantityBytes) continue;
    const auto known = kept.find(resource);
    if (known != kept.end()) {
      if (is_greater(quantity, known->second)) known->second = quantity;
    } else if (kept.size() < kMaxResources) {
      kept[resource] = quantity;
    }
  }
}

}  // namespace armada_cache::job
