#include "query/services/subscription_list.h"

#include <map>
#include <set>
#include <utility>

#include "armada_cache/v1/cache.pb.h"
#include "query/services/page_token.h"
#include "query/services/v1_messages.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

using Relays = std::map<base::JobSet, std::optional<lookup::RelayStatus>>;

void add(const subscription::Lease& lease, const Relays& relays,
         v1::ListSubscriptionsResponse& response) {
  v1::Subscription& listed = *response.add_subscriptions();
  listed.mutable_job_set()->set_queue(lease.name.job_set.queue);
  listed.mutable_job_set()->set_job_set(lease.name.job_set.name);
  listed.set_subscriber(lease.name.subscriber);
  listed.set_origin(lease.origin);
  set_time(lease.expires_at, *listed.mutable_lease_expires());
  set_time(lease.created_at, *listed.mutable_created());
  const auto relay = relays.find(lease.name.job_set);
  if (relay != relays.end() && relay->second) fill_relay(*relay->second, *listed.mutable_relay());
}

std::vector<base::JobSet> job_sets_of(const std::vector<subscription::Lease>& leases) {
  std::set<base::JobSet> distinct;
  for (const subscription::Lease& lease : leases) distinct.insert(lease.name.job_set);
  return {distinct.begin(), distinct.end()};
}

}  // namespace

void list_subscriptions(const SubscriptionService& subscriptions, lookup::JobReader& reader,
                        const SubscriptionListing& listing,
                        Respond<v1::ListSubscriptionsResponse> respond) {
  auto leases = subscriptions.list(listing.only, listing.after, listing.page_size + 1);
  if (!leases) return respond({tl::unexpected(leases.error())});
  std::string next;
  if (leases->size() > listing.page_size) {
    leases->resize(listing.page_size);
    next = make_page_token(listing.token_scope, topics::encode_key(leases->back().name));
  }
  auto job_sets = job_sets_of(*leases);
  reader.relays(job_sets, [job_sets, leases = *std::move(leases), next = std::move(next),
                           respond = std::move(respond)](base::Result<lookup::RelaysAnswer> told) {
    Relays relays;
    for (std::size_t i = 0; told && i < job_sets.size() && i < told->relays.size(); ++i) {
      relays[job_sets[i]] = std::move(told->relays[i]);
    }
    v1::ListSubscriptionsResponse response;
    for (const subscription::Lease& lease : leases) add(lease, relays, response);
    response.set_next_page_token(next);
    respond({std::move(response), told ? std::optional(told->freshness.as_of) : std::nullopt});
  });
}

}  // namespace armada_cache::query
