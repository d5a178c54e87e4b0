// A page of subscriptions, each with what is known of its job set's relay.
#pragma once

#include <optional>
#include <string>

#include "core/lookup/job_reader.h"
#include "core/topics/codecs.h"
#include "query/answer/reply.h"

namespace armada_cache::v1 {
class ListSubscriptionsResponse;
}

namespace armada_cache::query {

class SubscriptionService;

struct SubscriptionListing {
  std::string token_scope;
  std::optional<base::JobSet> only;
  topics::SubscriptionName after;
  std::size_t page_size = 100;
};

void list_subscriptions(const SubscriptionService& subscriptions, lookup::JobReader& reader,
                        const SubscriptionListing& listing,
                        Respond<v1::ListSubscriptionsResponse> respond);

}  // namespace armada_cache::query
