#include "query/methods.h"

#include <string>
#include <utility>

#include "armada/api/job.grpc.pb.h"
#include "armada/api/jobservice.grpc.pb.h"
#include "armada_cache/v1/cache.grpc.pb.h"
#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/protobuf_handler.h"
#include "core/rpc/calls/raw_method.h"
#include "query/services/cache_service.h"
#include "query/services/jobs_service.h"
#include "query/services/legacy_job_service.h"
#include "query/status_method.h"

namespace armada_cache::query {
namespace {

using api::Jobs;
using Legacy = jobservice::JobService;
using v1::Cache;

using RawJobs = Jobs::WithRawMethod_GetJobStatus<
    Jobs::WithRawMethod_GetJobStatusUsingExternalJobUri<Jobs::WithRawMethod_GetJobDetails<
        Jobs::WithRawMethod_GetJobErrors<Jobs::WithRawMethod_GetJobRunDetails<
            Jobs::WithRawMethod_GetActiveQueues<Jobs::Service>>>>>>;
using RawLegacy = Legacy::WithRawMethod_GetJobStatus<Legacy::WithRawMethod_Health<Legacy::Service>>;
using RawCache = Cache::WithRawMethod_Subscribe<
    Cache::WithRawMethod_Unsubscribe<Cache::WithRawMethod_ListSubscriptions<
        Cache::WithRawMethod_ListJobs<Cache::WithRawMethod_GetJobSetSummary<Cache::Service>>>>>;

// A method of one of the services, which takes the request and how to respond.
template <typename Request, typename Response, typename Service>
rpc::Method::Handler served_by(Service& service,
                               void (Service::*member)(const Request&, Respond<Response>)) {
  return rpc::protobuf_handler<Request, Response>(
      [&service, member](const Request& request, Respond<Response> respond) {
        (service.*member)(request, std::move(respond));
      });
}

void add_jobs(RawJobs& raw, const MethodOptions& options, JobsService& jobs, rpc::CallQueue& queue,
              base::TaskPool& pool) {
  rpc::Method status = rpc::raw_method("api.Jobs/GetJobStatus", raw, &RawJobs::RequestGetJobStatus,
                                       status_handler(jobs, pool, options.inline_ids));
  status.on_polling_thread = true;
  status.slots = options.status_slots;
  queue.add(std::move(status));
  queue.add(rpc::raw_method("api.Jobs/GetJobStatusUsingExternalJobUri", raw,
                            &RawJobs::RequestGetJobStatusUsingExternalJobUri,
                            served_by(jobs, &JobsService::statuses_of_uri)));
  queue.add(rpc::raw_method("api.Jobs/GetJobDetails", raw, &RawJobs::RequestGetJobDetails,
                            served_by(jobs, &JobsService::details)));
  queue.add(rpc::raw_method("api.Jobs/GetJobErrors", raw, &RawJobs::RequestGetJobErrors,
                            served_by(jobs, &JobsService::errors)));
  queue.add(rpc::raw_method("api.Jobs/GetJobRunDetails", raw, &RawJobs::RequestGetJobRunDetails,
                            served_by(jobs, &JobsService::run_details)));
  queue.add(rpc::raw_method(
      "api.Jobs/GetActiveQueues", raw, &RawJobs::RequestGetActiveQueues,
      rpc::protobuf_handler<api::GetActiveQueuesRequest, api::GetActiveQueuesResponse>(
          [&jobs](const api::GetActiveQueuesRequest&,
                  Respond<api::GetActiveQueuesResponse> respond) {
            jobs.active_queues(std::move(respond));
          })));
}

void add_legacy(RawLegacy& raw, LegacyJobService& service, rpc::CallQueue& queue) {
  queue.add(rpc::raw_method("jobservice.JobService/GetJobStatus", raw,
                            &RawLegacy::RequestGetJobStatus,
                            served_by(service, &LegacyJobService::status)));
  queue.add(rpc::raw_method(
      "jobservice.JobService/Health", raw, &RawLegacy::RequestHealth,
      rpc::protobuf_handler<google::protobuf::Empty, jobservice::HealthCheckResponse>(
          [](const google::protobuf::Empty&,
             const Respond<jobservice::HealthCheckResponse>& respond) {
            jobservice::HealthCheckResponse response;
            response.set_status(jobservice::HealthCheckResponse::SERVING);
            respond({std::move(response)});
          })));
}

void add_cache(RawCache& raw, CacheService& service, rpc::CallQueue& queue) {
  queue.add(rpc::raw_method("armada_cache.v1.Cache/Subscribe", raw, &RawCache::RequestSubscribe,
                            served_by(service, &CacheService::subscribe)));
  queue.add(rpc::raw_method("armada_cache.v1.Cache/Unsubscribe", raw, &RawCache::RequestUnsubscribe,
                            served_by(service, &CacheService::unsubscribe)));
  queue.add(rpc::raw_method("armada_cache.v1.Cache/ListSubscriptions", raw,
                            &RawCache::RequestListSubscriptions,
                            served_by(service, &CacheService::list_subscriptions)));
  queue.add(rpc::raw_method("armada_cache.v1.Cache/ListJobs", raw, &RawCache::RequestListJobs,
                            served_by(service, &CacheService::list_jobs)));
  queue.add(rpc::raw_method("armada_cache.v1.Cache/GetJobSetSummary", raw,
                            &RawCache::RequestGetJobSetSummary,
                            served_by(service, &CacheService::summarize)));
}

}  // namespace

struct Methods::Generated {
  RawJobs jobs;
  RawLegacy legacy;
  RawCache cache;
};

Methods::Methods(const MethodOptions& options, const Services& services, rpc::CallQueue& queue,
                 base::TaskPool& pool)
    : generated_(std::make_unique<Generated>()) {
  add_jobs(generated_->jobs, options, services.jobs, queue, pool);
  add_legacy(generated_->legacy, services.legacy, queue);
  add_cache(generated_->cache, services.cache, queue);
}

Methods::~Methods() = default;

std::vector<grpc::Service*> Methods::grpc_services() {
  return {&generated_->jobs, &generated_->legacy, &generated_->cache};
}

}  // namespace armada_cache::query
