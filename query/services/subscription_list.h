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
  std::string token_scope;           // what a page token is valid for
  std::optional<base::JobSet> only;  // none: of all job sets
  topics::SubscriptionName after;    // the page begins with the next
  std::size_t page_size = 100;       // above 0
};

// From any thread; answers on one of the reader's. References must outlive the answer.
// kUnavailable: the subscriptions are still being read. Where the reader knows nothing of the
// relays, or fails, the subscriptions are told without them.
void list_subscriptions(const SubscriptionService& subscriptions, lookup::JobReader& reader,
                        const SubscriptionListing& listing,
                        Respond<v1::ListSubscriptionsResponse> respond);

}  // namespace armada_cache::query
