// jobservice.JobService, the older query API: a poll names the job set, and follows it.
#pragma once

#include "core/lookup/job_reader.h"
#include "query/answer/patience.h"
#include "query/answer/reply.h"

namespace jobservice {
class JobServiceRequest;
class JobServiceResponse;
}  // namespace jobservice

namespace armada_cache::query {

class SubscriptionService;

// Thread-safe. References must outlive it and every answer that is not given yet.
//
// JOB_ID_NOT_FOUND only where the job set's relay has caught up; until then kUnavailable.
class LegacyJobService {
 public:
  LegacyJobService(lookup::JobReader& reader, SubscriptionService& subscriptions, Later later,
                   const Patience& patience)
      : reader_(reader),
        subscriptions_(subscriptions),
        later_(std::move(later)),
        patience_(patience) {}

  void status(const jobservice::JobServiceRequest& request,
              Respond<jobservice::JobServiceResponse> respond);

 private:
  lookup::JobReader& reader_;
  SubscriptionService& subscriptions_;
  const Later later_;
  const Patience patience_;
};

}  // namespace armada_cache::query
