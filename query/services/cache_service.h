// armada_cache.v1.Cache: subscriptions, and what is in a job set.
#pragma once

#include <cstddef>
#include <memory>

#include "core/lookup/job_reader.h"
#include "query/answer/patience.h"
#include "query/answer/reply.h"

namespace armada_cache::v1 {
class GetJobSetSummaryRequest;
class GetJobSetSummaryResponse;
class ListJobsRequest;
class ListJobsResponse;
class ListSubscriptionsRequest;
class ListSubscriptionsResponse;
class SubscribeRequest;
class SubscribeResponse;
class UnsubscribeRequest;
class UnsubscribeResponse;
}  // namespace armada_cache::v1

namespace armada_cache::query {

class SubscriptionService;

struct CacheOptions {
  std::size_t default_page_size = 100;
  std::size_t max_page_size = 1000;
};

// Thread-safe. References must outlive it and every answer that is not given yet.
class CacheService {
 public:
  CacheService(lookup::JobReader& reader, SubscriptionService& subscriptions,
               const CacheOptions& options)
      : reader_(reader), subscriptions_(subscriptions), options_(options) {}

  void subscribe(const v1::SubscribeRequest& request, Respond<v1::SubscribeResponse> respond);
  void unsubscribe(const v1::UnsubscribeRequest& request, Respond<v1::UnsubscribeResponse> respond);
  void list_subscriptions(const v1::ListSubscriptionsRequest& request,
                          Respond<v1::ListSubscriptionsResponse> respond);
  void list_jobs(const v1::ListJobsRequest& request, Respond<v1::ListJobsResponse> respond);
  void summarize(const v1::GetJobSetSummaryRequest& request,
                 Respond<v1::GetJobSetSummaryResponse> respond);

 private:
  std::size_t page_size(std::size_t asked) const;

  lookup::JobReader& reader_;
  SubscriptionService& subscriptions_;
  const CacheOptions options_;
};

}  // namespace armada_cache::query
