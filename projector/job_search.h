// One lookup of jobs by id: from memory where possible, from disk on the read pool, and once more
// when something is missing and the log was ahead.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/task_pool.h"
#include "core/lookup/job_reader.h"
#include "projector/freshness.h"
#include "projector/goal_waiters.h"
#include "projector/job_finder.h"

namespace armada_cache::projector {

struct SearchContext {
  const FreshnessJudge& judge;
  GoalWaiters& waiters;
  base::TaskPool& pool;
  std::chrono::milliseconds certainty_wait;
  // Beyond this many records it is not worth waiting for.
  eventlog::Offset distance_max = 0;
};

base::Error too_many_lookups();
// kDataLoss: the partition is damaged, and asking again is of no use.
base::Error unreadable(const Partition& partition, const base::Error& error);
base::Error not_here(std::string_view job_id);

// Runs `then` on the read pool, first waiting for the goals if they are near. False: it is not run.
bool when_near(const SearchContext& context, const FreshnessJudge::Goals& goals,
               const std::function<void()>& then);

// Of what was not found.
struct SearchDoubt {
  std::string why;  // "no such job" is not certain; empty if it is, or none is missing
  // Where it is certain: everything that was appended up to then was looked through, and what the
  // relays limit that to.
  base::Time seen;
  base::Time relays_as_of;
};

template <typename Value>
class JobSearch : public std::enable_shared_from_this<JobSearch<Value>> {
 public:
  using Finder = base::Result<std::vector<Found<Value>>> (*)(const Partition&,
                                                             std::span<const std::string_view>,
                                                             Reach);
  // In the order of the ids.
  struct Outcome {
    std::vector<std::optional<Value>> values;
    SearchDoubt doubt;
  };
  using Done = std::function<void(base::Result<Outcome>)>;

  JobSearch(const SearchContext& context, HeldMap partitions, Finder finder,
            std::vector<std::string> ids, Done done);

  // Searches in this thread as far as memory goes.
  void start();

 private:
  enum class Look { kFound, kUnread, kMissing };

  base::Result<Look> look(Reach reach);
  void settle(const base::Result<Look>& looked);
  void wait_for(const FreshnessJudge::Goals& goals);
  void search_disk(void (JobSearch::*next)(const base::Result<Look>&));
  void look_again();
  void finish(const base::Result<Look>& looked);
  std::vector<Partition*> partitions_of_missing() const;

  const SearchContext context_;
  const HeldMap partitions_;
  const Finder finder_;
  const std::vector<std::string> ids_;
  Done done_;
  std::vector<std::optional<Value>> values_;
  SearchDoubt doubt_;
};

}  // namespace armada_cache::projector
