#include "query/subscriptions/poll_keeper.h"

#include <utility>

namespace armada_cache::query {

void PollKeeper::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void PollKeeper::wait() {
  later_(options_.interval, [self = shared_from_this()] { self->ask({}); });
}

void PollKeeper::ask(base::JobSet after) {
  const bool first = after == base::JobSet{};
  lookup::AskedRequest request;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    request = {since_, std::move(after), options_.page};
  }
  reader_.asked(std::move(request),
                [self = shared_from_this(), first](base::Result<lookup::AskedAnswer> answer) {
                  self->take(std::move(answer), first);
                });
}

void PollKeeper::take(base::Result<lookup::AskedAnswer> answer, bool first) {
  if (!answer) return wait();
  for (const base::JobSet& job_set : answer->job_sets) keep_(job_set);
  {
    const std::lock_guard lock(mutex_);
    if (first) next_since_ = answer->as_of;
    if (!answer->next) since_ = next_since_;
  }
  if (!answer->next) return wait();
  // Not from here: it may answer at once, page by page.
  later_(std::chrono::milliseconds(0),
         [self = shared_from_this(), next = std::move(*answer->next)] { self->ask(next); });
}

}  // namespace armada_cache::query
