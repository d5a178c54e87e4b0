#include "projector/job_search.h"

#include <algorithm>
#include <thread>

namespace armada_cache::projector {
base::Error unreadable(const Partition& partition, const base::Error& error) {
  const bool damaged = error.code == base::ErrorCode::kDataLoss;
  return {damaged ? base::ErrorCode::kDataLoss : base::ErrorCode::kUnavailable,
          "partition " + std::to_string(partition.number()) + " cannot be read" +
              (damaged ? "" : " now") + ": " + error.message};
}

base::Error not_here(std::string_view job_id) {
  return {base::ErrorCode::kUnavailable,
          "the partition of job " + std::string(job_id) + " is not materialized here"};
}

base::Error too_many_lookups() {
  return {base::ErrorCode::kResourceExhausted,
          "too many lookups wait for the disk, or the process stops; try again in a second"};
}

bool when_near(const SearchContext& context, const FreshnessJudge::Goals& goals,
               const std::function<void()>& then) {
  const eventlog::Offset distance = FreshnessJudge::distance(goals);
  if (distance <= 0 || distance > context.distance_max) return context.pool.try_post(then);
  const auto deadline = std::chrono::steady_clock::now() + context.certainty_wait;
  // Once accepted it must be answered, even if the pool is full by then.
  base::TaskPool& pool = context.pool;
  if (context.waiters.wait(goals, deadline, [&pool, then] {
        if (!pool.try_post(then)) then();
      })) {
    return true;
  }
  return context.pool.try_post(then);
}

template <typename Value>
JobSearch<Value>::JobSearch(const SearchContext& context, HeldMap partitions, Finder finder,
                            std::vector<std::string> ids, Done done)
    : context_(context),
      partitions_(std::move(partitions)),
      finder_(finder),
      ids_(std::move(ids)),
      done_(std::move(done)),
      values_(ids_.size()) {}

template <typename Value>
void JobSearch<Value>::start() {
  const base::Result<Look> looked = look(Reach::kMemory);
  if (looked && *looked == Look::kUnread) return search_disk(&JobSearch::settle);
  settle(looked);
}

// Looks for what was not found yet.
template <typename Value>
base::Result<typename JobSearch<Value>::Look> JobSearch<Value>::look(Reach reach) {
  std::vector<std::vector<std::size_t>> by_partition(
      static_cast<std::size_t>(partitions_->count()));
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (values_[i]) continue;
    const Partition* partition = partitions_->of_job(ids_[i]);
    by_partition[static_cast<std::size_t>(partition->number())].push_back(i);
  }
  Look result = Look::kFound;
  for (const std::vector<std::size_t>& at : by_partition) {
    if (at.empty()) continue;
    std::vector<std::string_view> ids;
    ids.reserve(at.size());
    for (const std::size_t index : at) ids.push_back(ids_[index]);
    const Partition& partition = *partitions_->of_job(ids.front());
    auto found = finder_(partition, ids, reach);
    if (!found) return tl::unexpected(unreadable(partition, found.error()));
    for (std::size_t i = 0; i < at.size(); ++i) {
      values_[at[i]] = std::move((*found)[i].value);
      if ((*found)[i].unread) result = Look::kUnread;
      if (!values_[at[i]] && result == Look::kFound) result = Look::kMissing;
    }
  }
  return result;
}

template <typename Value>
void JobSearch<Value>::search_disk(void (JobSearch::*next)(const base::Result<Look>&)) {
  auto self = this->shared_from_this();
  if (!context_.pool.try_post([self, next] { (self.get()->*next)(self->look(Reach::kDisk)); })) {
    done_(tl::unexpected(too_many_lookups()));
  }
}

// What is missing may be on its way: it is looked for again once everything that the log held at
// this moment is applied.
template <typename Value>
void JobSearch<Value>::settle(const base::Result<Look>& looked) {
  if (!looked || *looked == Look::kFound) return finish(looked);
  context_.judge.goals(partitions_, partitions_of_missing(),
                       [self = this->shared_from_this(),
                        asker = std::this_thread::get_id()](FreshnessJudge::Goals goals) {
                         auto go_on = [self, goals = std::move(goals)] { self->wait_for(goals); };
                         const bool within = std::this_thread::get_id() == asker;
                         // It was accepted, so it must be answered, even if the pool is full by
                         // now.
                         if (within || !self->context_.pool.try_post(go_on)) go_on();
                       });
}

template <typename Value>
void JobSearch<Value>::wait_for(const FreshnessJudge::Goals& goals) {
  const auto again = [self = this->shared_from_this(), goals] {
    self->doubt_ = {self->context_.judge.doubt(goals), goals.asked_at, goals.relays_as_of};
    self->look_again();
  };
  if (goals.untold) {
    doubt_.why = context_.judge.doubt(goals);
    return finish(Look::kMissing);
  }
  if (FreshnessJudge::reached(goals)) return again();
  if (FreshnessJudge::distance(goals) > context_.distance_max) {
    doubt_.why = context_.judge.doubt(goals);
    // Reached in the meantime: then what was missing may be there by now.
    return doubt_.why.empty() ? again() : finish(Look::kMissing);
  }
  if (!when_near(context_, goals, again)) done_(tl::unexpected(too_many_lookups()));
}

template <typename Value>
void JobSearch<Value>::look_again() {
  const base::Result<Look> looked = look(Reach::kMemory);
  if (looked && *looked == Look::kUnread) return search_disk(&JobSearch::finish);
  finish(looked);
}

template <typename Value>
void JobSearch<Value>::finish(const base::Result<Look>& looked) {
  if (!looked) return done_(tl::unexpected(looked.error()));
  if (*looked == Look::kFound) doubt_ = {};
  done_(Outcome{std::move(values_), std::move(doubt_)});
}

template <typename Value>
std::vector<Partition*> JobSearch<Value>::partitions_of_missing() const {
  std::vector<Partition*> partitions;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (values_[i]) continue;
    Partition* partition = partitions_->of_job(ids_[i]);
    if (std::find(partitions.begin(), partitions.end(), partition) == partitions.end()) {
      partitions.push_back(partition);
    }
  }
  return partitions;
}

template class JobSearch<JobStatus>;
template class JobSearch<OwnedJob>;

}  // namespace armada_cache::projector
