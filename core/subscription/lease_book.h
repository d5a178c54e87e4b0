// Who wants which job set, and until when: what the records of armada.subscriptions add up to.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/topics/codecs.h"

namespace armada_cache::internal::v1 {
class SubscriptionRecord;
}

namespace armada_cache::subscription {

struct Lease {
  topics::SubscriptionName name;
  base::Time expires_at;
  base::Time created_at;
  std::string origin;  // "jobservice", "subscribe", "static"
};

// Pure: holds what it is told and is told the time. A lease is live while now < expires_at; a job
// set is wanted while one of its leases is live. Not thread-safe. Holds one entry for each record
// that was applied and not ended since, so its memory is bounded by the compacted topic.
class LeaseBook {
 public:
  // The newest record of a subscription; none ends it.
  void apply(const topics::SubscriptionName& name,
             const std::optional<internal::v1::SubscriptionRecord>& record);
  // Takes the lease away unless it ends after `end`: then it was renewed meanwhile, and stays.
  // Whether it stays.
  bool remove_ended(const topics::SubscriptionName& name, base::Time end);

  // Drops every lease of the job sets for which `chosen` is true: their partition went away.
  template <typename Predicate>
  void forget_job_sets(Predicate chosen) {
    std::erase_if(job_sets_, [&](const auto& entry) { return chosen(entry.first); });
  }

  bool is_live(const base::JobSet& job_set, base::Time now) const;
  bool is_live(const topics::SubscriptionName& name, base::Time now) const;
  // In order of queue and name.
  std::vector<base::JobSet> live_job_sets(base::Time now) const;
  // The next moment, later than `now`, at which a lease ends.
  std::optional<base::Time> next_expiry(base::Time now) const;

  std::optional<Lease> find(const topics::SubscriptionName& name) const;
  // All leases of a job set, ended ones included, in order of subscriber.
  std::vector<Lease> leases_of(const base::JobSet& job_set) const;
  // Leases live at `now` that come after `after`, in order of queue, job set and subscriber.
  std::vector<Lease> live_after(const topics::SubscriptionName& after, base::Time now,
                                std::size_t limit) const;
  // Leases that ended before `moment`, at most `limit`: fit to be removed from the topic.
  std::vector<topics::SubscriptionName> ended_before(base::Time moment, std::size_t limit) const;

 private:
  struct Entry {
    base::Time expires_at;
    base::Time created_at;
    std::string origin;
  };
  using Subscribers = std::map<std::string, Entry>;

  const Entry* entry_of(const topics::SubscriptionName& name) const;

  std::map<base::JobSet, Subscribers> job_sets_;
};

}  // namespace armada_cache::subscription
