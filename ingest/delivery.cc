#include "ingest/delivery.h"

#include <utility>

namespace armada_cache::ingest {

void Delivery::add(std::string message) {
  const std::lock_guard lock(mutex_);
  if (dropped_) return;
  messages_.push_back(std::move(message));
  hand_over();
}

void Delivery::end(base::Status status) {
  const std::lock_guard lock(mutex_);
  if (dropped_) return;
  end_ = std::move(status);
  hand_over();
}

void Delivery::drop() {
  const std::lock_guard lock(mutex_);
  dropped_ = true;
}

void Delivery::hand_over() {
  if (posted_) return;
  posted_ = true;
  post_([self = shared_from_this()] { self->deliver(); });
}

void Delivery::deliver() {
  std::vector<std::string> messages;
  std::optional<base::Status> end;
  {
    const std::lock_guard lock(mutex_);
    posted_ = false;
    messages.swap(messages_);
    end.swap(end_);
    if (dropped_) return;
  }
  if (!messages.empty()) callbacks_.messages(std::move(messages));
  // Only this thread drops, and it may just have done so.
  if (end && !dropped_) callbacks_.end(*end);
}

}  // namespace armada_cache::ingest
