#include "ingest/buffer_budget.h"

#include <algorithm>

namespace armada_cache::ingest {

void BufferBudget::release(std::size_t bytes) {
  held_ -= std::min(bytes, held_);
  for (std::size_t turns = waiters_.size(); turns > 0 && !is_exhausted(); --turns) {
    const std::function<void()> wake = std::move(waiters_.front());
    waiters_.pop_front();
    wake();
  }
}

}  // namespace armada_cache::ingest
