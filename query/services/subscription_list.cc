#include "query/services/subscription_list.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "armada_cache/v1/cache.pb.h"
#include "query/services/page_token.h"
#include "query/services/v1_messages.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

// Asks for the relay of every job set on the page, and answers when all are told.
class Page final : public std::enable_shared_from_this<Page> {
 public:
  Page(std::vector<subscription::Lease> leases, std::string next,
       Respond<v1::ListSubscriptionsResponse> respond)
      : leases_(std::move(leases)), next_(std::move(next)), respond_(std::move(respond)) {}

  void gather(lookup::JobReader& reader) {
    for (const subscription::Lease& lease : leases_) relays_.try_emplace(lease.name.job_set);
    std::vector<base::JobSet> job_sets;
    for (const auto& [job_set, relay] : relays_) job_sets.push_back(job_set);
    outstanding_ = job_sets.size() + 1;
    for (const base::JobSet& job_set : job_sets) {
      reader.summarize(job_set, [self = shared_from_this(),
                                 job_set](base::Result<lookup::JobSetSummary> summary) {
        self->told(job_set, std::move(summary));
      });
    }
    one_less();
  }

 private:
  void told(const base::JobSet& job_set, base::Result<lookup::JobSetSummary> summary) {
    if (summary) {
      const std::lock_guard lock(mutex_);
      relays_[job_set] = std::move(summary->relay);
      const base::Time as_of = summary->freshness.as_of;
      if (as_of_ == base::Time{} || as_of < as_of_) as_of_ = as_of;
    }
    one_less();
  }

  void one_less() {
    {
      const std::lock_guard lock(mutex_);
      if (--outstanding_ > 0) return;
    }
    v1::ListSubscriptionsResponse response;
    for (const subscription::Lease& lease : leases_) add(lease, response);
    response.set_next_page_token(next_);
    respond_({std::move(response), as_of_});
  }

  void add(const subscription::Lease& lease, v1::ListSubscriptionsResponse& response) const {
    v1::Subscription& listed = *response.add_subscriptions();
    listed.mutable_job_set()->set_queue(lease.name.job_set.queue);
    listed.mutable_job_set()->set_job_set(lease.name.job_set.name);
    listed.set_subscriber(lease.name.subscriber);
    listed.set_origin(lease.origin);
    set_time(lease.expires_at, *listed.mutable_lease_expires());
    set_time(lease.created_at, *listed.mutable_created());
    const auto& relay = relays_.at(lease.name.job_set);
    if (relay) fill_relay(*relay, *listed.mutable_relay());
  }

  const std::vector<subscription::Lease> leases_;
  const std::string next_;
  const Respond<v1::ListSubscriptionsResponse> respond_;
  std::mutex mutex_;
  std::map<base::JobSet, std::optional<lookup::RelayStatus>> relays_;
  base::Time as_of_{};
  std::size_t outstanding_ = 0;
};

}  // namespace

void list_subscriptions(const SubscriptionService& subscriptions, lookup::JobReader& reader,
                        const SubscriptionListing& listing,
                        Respond<v1::ListSubscriptionsResponse> respond) {
  auto leases = subscriptions.list(listing.only, listing.after, listing.page_size + 1);
  std::string next;
  if (leases.size() > listing.page_size) {
    leases.resize(listing.page_size);
    next = make_page_token(listing.token_scope, topics::encode_key(leases.back().name));
  }
  std::make_shared<Page>(std::move(leases), std::move(next), std::move(respond))->gather(reader);
}

}  // namespace armada_cache::query
