#include "core/base/line_budget.h"

#include <utility>

namespace armada_cache::base {

std::optional<std::uint64_t> LineBudget::take(Time now) {
  if (!since_ || now - *since_ >= interval_) {
    since_ = now;
    taken_ = 0;
  }
  if (taken_ >= lines_) {
    ++left_out_;
    return std::nullopt;
  }
  ++taken_;
  return std::exchange(left_out_, 0);
}

}  // namespace armada_cache::base
