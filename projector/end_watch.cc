#include "projector/end_watch.h"

#include <utility>

#include "core/base/log.h"

namespace armada_cache::projector {

void EndWatch::ask(const std::vector<eventlog::TopicPartition>& of, SteadyTime now) {
  std::vector<std::pair<eventlog::TopicPartition, std::uint64_t>> due;
  {
    const std::lock_guard lock(mutex_);
    const bool again = now >= next_;
    if (again) next_ = now + interval_;
    for (auto& [at, each] : watched_) each.wanted = false;
    for (const eventlog::TopicPartition& at : of) {
      Watched& each = watched_[at];
      each.wanted = true;
      if (!again || each.asking) continue;
      each.asking = questions_++;
      due.emplace_back(at, *each.asking);
    }
    std::erase_if(watched_, [](const auto& each) { return !each.second.wanted; });
    if (again) report(now);
  }
  // Taken before the questions: what is appended in between is newer.
  const base::Time asked = clock_.now();
  for (const auto& [at, question] : due) {
    ends_.ask({at}, [this, at = at, question = question, asked](const auto& ends) {
      take(at, question, asked, ends);
    });
  }
}

// What was forgotten meanwhile is not taken, though it may be watched again.
void EndWatch::take(const eventlog::TopicPartition& of, std::uint64_t question, base::Time asked,
                    const base::Result<eventlog::Positions>& ends) {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(of);
  if (found == watched_.end() || found->second.asking != question) return;
  found->second.asking.reset();
  if (ends) {
    found->second.newest = Answer{asked, ends->at(of)};
    found->second.error.reset();
  } else if (ends.error().code != base::ErrorCode::kCancelled) {
    found->second.error = ends.error();
  }
}

// Under the mutex.
void EndWatch::report(SteadyTime now) {
  const std::pair<const eventlog::TopicPartition, Watched>* first = nullptr;
  std::size_t untold = 0;
  for (const auto& each : watched_) {
    if (!each.second.error) continue;
    if (untold++ == 0) first = &each;
  }
  if (first == nullptr) {
    if (!watched_.empty() && std::exchange(reported_, false)) {
      base::log_info("where the log ends is told of all that is here");
    }
    return;
  }
  if (!lines_.take(now)) return;
  reported_ = true;
  base::log_warn(
      "where the log ends is not told: what is in these partitions is answered as of the last time "
      "that it was",
      {{"partitions", untold},
       {"topic", first->first.topic},
       {"partition", first->first.partition},
       {"code", name_of(first->second.error->code)},
       {"error", first->second.error->message}});
}

std::optional<EndWatch::Answer> EndWatch::newest(const eventlog::TopicPartition& of) const {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(of);
  return found == watched_.end() ? std::nullopt : found->second.newest;
}

}  // namespace armada_cache::projector
