// Answers the read port out of the partitions of this process.
#pragma once

#include <atomic>
#include <vector>

#include "core/base/clock.h"
#include "core/lookup/job_reader.h"
#include "projector/job_search.h"
#include "projector/options.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {

class LookupService final : public lookup::JobReader {
 public:
  LookupService(const Options& options, const PartitionMaps& maps, const FreshnessJudge& judge,
                const RelayBoard& relays, GoalWaiters& waiters, base::TaskPool& pool,
                const base::Clock& clock);

  void statuses(std::span<const std::string_view> ids, bool with_queues,
                Done<lookup::StatusAnswer> done) override;
  void details(std::vector<std::string> ids, bool with_spec,
               Done<lookup::DetailsAnswer> done) override;
  void list(lookup::ListRequest request, Done<lookup::ListAnswer> done) override;
  void summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) override;
  void relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) override;
  void asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) override;
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override;

  // Calls from now on fail with kUnavailable.
  void close() { closed_.store(true, std::memory_order_release); }

 private:
  // When a question came, and up to when all that it asks for was visible then.
  struct Moment {
    HeldMap partitions;
    base::Time now;
    base::Time visible;
  };

  Moment moment() const;
  bool expired(const JobStatus& status, base::Time now) const;
  void take(std::size_t at, const Partition& partition, const JobStatus& status,
            const Moment& moment, lookup::StatusAnswer& answer) const;
  // Of events in the partition; to be asked before its jobs are looked for.
  static void lower(Moment& moment, const Partition& partition);
  void search_statuses(std::vector<std::size_t> missing, std::span<const std::string_view> ids,
                       const Moment& moment, lookup::StatusAnswer answer,
                       Done<lookup::StatusAnswer> done);
  // The job's job set is asked for, and limits as of when the answer is.
  static void note_owner(const Partition& partition, JobSetNumber job_set, const Moment& moment,
                         lookup::Freshness& freshness);
  // Of what was not found.
  void doubt(SearchDoubt doubt, const Moment& moment, lookup::Freshness& freshness) const;
  void deliver_details(std::vector<std::string> ids, std::vector<std::optional<OwnedJob>> jobs,
                       bool with_spec, const Moment& moment, lookup::DetailsAnswer answer,
                       const Done<lookup::DetailsAnswer>& done) const;
  static base::Status add_specs(const PartitionMap& partitions,
                                std::vector<lookup::FoundJob>& jobs);
  base::Time as_of_active(const PartitionMap& partitions) const;
  // With the goals for all events of what is here, which the answer then tells of; fails `done`
  // where nothing is here.
  template <typename Answer>
  void when_fresh(Done<Answer> done,
                  std::function<void(const FreshnessJudge::Goals&, const Done<Answer>&)> then);

  const PartitionMaps& maps_;
  const SearchContext context_;
  const RelayBoard& relays_;
  const base::Clock& clock_;
  const base::Duration retention_;
  const std::size_t list_scan_max_;
  const std::size_t wakes_per_answer_;
  const std::size_t poll_check_scan_;
  std::atomic<bool> closed_ = false;
};

}  // namespace armada_cache::projector
