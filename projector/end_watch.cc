#include "projector/end_watch.h"

#include <utility>

namespace armada_cache::projector {

void EndWatch::ask(const std::vector<eventlog::TopicPartition>& of) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (asking_ || now < next_) return;
    asking_ = true;
    next_ = now + interval_;
  }
  // Taken before the question: what is appended in between is newer.
  ends_.ask(of, [this, asked = clock_.now()](base::Result<eventlog::Positions> ends) {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    if (ends) newest_ = std::make_shared<const Answer>(Answer{asked, *std::move(ends)});
  });
}

std::shared_ptr<const EndWatch::Answer> EndWatch::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

}  // namespace armada_cache::projector
