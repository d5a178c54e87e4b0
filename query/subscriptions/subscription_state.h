// The inside of SubscriptionService: the book that the topic adds up to, and what is being
// appended.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/eventlog/topic_follower.h"
#include "core/eventlog/unreadable_records.h"
#include "query/subscriptions/poll_keeper.h"
#include "query/subscriptions/progress.h"
#include "query/subscriptions/relay_checks.h"
#include "query/subscriptions/subscription_service.h"
#include "query/subscriptions/wake_limit.h"

namespace armada_cache::query {

// Thread-safe. Shared, since acknowledgements come at any time.
class SubscriptionService::State final : public std::enable_shared_from_this<State> {
 public:
  using Done = Progress::Waiter;
  // Of the lease that all polls of a job set share.
  static constexpr std::string_view kPollSubscriber = "jobservice";
  static constexpr std::string_view kPollOrigin = "jobservice";

  State(const SubscriptionOptions& options, eventlog::EventLog& log, lookup::JobReader& reader,
        const base::Clock& clock, base::Metrics& metrics, Later later);

  base::Status start();
  void stop();

  const SubscriptionOptions& options() const { return options_; }
  base::Time now() const { return clock_.now(); }
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }

  std::optional<subscription::Lease> find(const Name& name) const;
  std::vector<subscription::Lease> list(const std::optional<base::JobSet>& only, const Name& after,
                                        std::size_t limit) const;
  std::string any() const;
  std::string of(const base::JobSet& job_set) const;

  // `done` once the record is acknowledged and read back.
  void append_lease(const Name& name, base::Time expires, std::string_view origin, Done done);
  void append_end(const Name& name, Done done);
  // As append_lease, but one at a time for each name: who asks meanwhile waits for the same one.
  // `done` may be null.
  void renew(const Name& name, base::Time expires, std::string_view origin, Done done);
  // Tells the owner of the job set's relay to look again and to write its record, unless nobody
  // wants the job set or it was told a moment ago: then false. Changes no lease.
  bool wake(const base::JobSet& job_set);
  // Somebody polls for its jobs by their ids: renews the polls' lease where the job set is wanted
  // and would soon be no longer.
  void keep(const base::JobSet& job_set);

 private:
  base::Status room_for(const Name& name) const;
  void append(const base::JobSet& job_set, eventlog::Record record, Done done);
  void acknowledged(eventlog::Partition partition, base::Result<eventlog::Offset> offset,
                    Done done);
  void renewed(const Name& name, const base::Status& status);
  void take(std::span<const eventlog::RecordView> records, const eventlog::Positions& read);
  // A job set, and from when on what its relay's owner writes counts.
  struct Wanted {
    base::JobSet job_set;
    base::Time since;
  };
  void apply(const eventlog::RecordView& record, std::vector<Wanted>& newly_wanted);
  bool wanted(const base::JobSet& job_set) const;
  void watch();

  const SubscriptionOptions options_;
  eventlog::EventLog& log_;
  lookup::JobReader& reader_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  prometheus::Gauge& gauge_;
  prometheus::Counter& unreadable_;
  eventlog::UnreadableRecords left_aside_;
  const Later later_;
  std::atomic<bool> caught_up_{false};
  base::Time started_;

  mutable std::mutex mutex_;
  bool stopped_ = true;
  subscription::LeaseBook book_;
  std::size_t entries_ = 0;
  Progress progress_;
  eventlog::Positions ends_at_start_;
  std::map<Name, std::vector<Done>> renewing_;
  WakeLimit wakes_;

  std::shared_ptr<RelayChecks> checks_;
  std::shared_ptr<PollKeeper> keeper_;
  std::shared_ptr<eventlog::Appender> appender_;
  std::unique_ptr<eventlog::TopicFollower> follower_;
};

}  // namespace armada_cache::query
