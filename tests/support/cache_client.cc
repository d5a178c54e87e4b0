#include "tests/support/cache_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include "armada/api/job.grpc.pb.h"
#include "armada/api/jobservice.grpc.pb.h"
#include "armada_cache/v1/cache.grpc.pb.h"

namespace armada_cache::test_support {
namespace {

constexpr int kMaxReceiveBytes = 64 << 20;

std::shared_ptr<grpc::Channel> connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void collect(const std::multimap<grpc::string_ref, grpc::string_ref>& from,
             std::multimap<std::string, std::string>& into) {
  for (const auto& [name, value] : from) {
    into.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
}

template <typename Message>
void finish(const grpc::Status& status, const grpc::ClientContext& context,
            Answer<Message>& answer) {
  answer.code = static_cast<int>(status.error_code());
  answer.error = status.error_message();
  answer.retry_hint = status.error_details().find("google.rpc.RetryInfo") != std::string::npos;
  collect(context.GetServerInitialMetadata(), answer.metadata);
  collect(context.GetServerTrailingMetadata(), answer.metadata);
}

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string from_buffer(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

class CacheClient::Impl {
 public:
  Impl(const std::string& address, std::chrono::milliseconds timeout)
      : timeout_(timeout), channel_(connect(address)) {}

  template <typename Response, typename Stub, typename Request>
  Answer<Response> call(Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    Answer<Response> answer;
    finish((stub.*method)(&context, request, &answer.message), context, answer);
    return answer;
  }

  Answer<std::string> call_raw(const std::string& method, const std::string& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(channel_);
    const auto call = stub.PrepareUnaryCall(&context, method, to_buffer(request), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool finished = false;
    queue.Next(&tag, &finished);
    Answer<std::string> answer;
    finish(status, context, answer);
    answer.message = from_buffer(response);
    return answer;
  }

  using Jobs = api::Jobs::Stub;
  using JobService = jobservice::JobService::Stub;
  using Cache = v1::Cache::Stub;

  Jobs& jobs() { return *jobs_; }
  JobService& job_service() { return *job_service_; }
  Cache& cache() { return *cache_; }

 private:
  std::chrono::milliseconds timeout_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Jobs> jobs_ = api::Jobs::NewStub(channel_);
  std::unique_ptr<JobService> job_service_ = jobservice::JobService::NewStub(channel_);
  std::unique_ptr<Cache> cache_ = v1::Cache::NewStub(channel_);
};

CacheClient::CacheClient(const std::string& address, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(address, timeout)) {}
CacheClient::~CacheClient() = default;

Answer<api::JobStatusResponse> CacheClient::statuses(const Ids& ids) const {
  api::JobStatusRequest request;
  request.mutable_job_ids()->Assign(ids.begin(), ids.end());
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetJobStatus, request);
}

Answer<api::JobStatusResponse> CacheClient::statuses_by_uri(const base::JobSet& job_set,
                                                            const std::string& uri) const {
  api::JobStatusUsingExternalJobUriRequest request;
  request.set_queue(job_set.queue);
  request.set_jobset(job_set.name);
  request.set_external_job_uri(uri);
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetJobStatusUsingExternalJobUri, request);
}

Answer<api::JobDetailsResponse> CacheClient::details(const Ids& ids, bool spec, bool runs) const {
  api::JobDetailsRequest request;
  request.mutable_job_ids()->Assign(ids.begin(), ids.end());
  request.set_expand_job_spec(spec);
  request.set_expand_job_run(runs);
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetJobDetails, request);
}

Answer<api::JobErrorsResponse> CacheClient::errors(const Ids& ids) const {
  api::JobErrorsRequest request;
  request.mutable_job_ids()->Assign(ids.begin(), ids.end());
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetJobErrors, request);
}

Answer<api::JobRunDetailsResponse> CacheClient::run_details(const Ids& run_ids) const {
  api::JobRunDetailsRequest request;
  request.mutable_run_ids()->Assign(run_ids.begin(), run_ids.end());
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetJobRunDetails, request);
}

Answer<api::GetActiveQueuesResponse> CacheClient::active_queues() const {
  return impl_->call(impl_->jobs(), &Impl::Jobs::GetActiveQueues, api::GetActiveQueuesRequest());
}

Answer<jobservice::JobServiceResponse> CacheClient::poll(const base::JobSet& job_set,
                                                         const std::string& job_id) const {
  jobservice::JobServiceRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set_id(job_set.name);
  request.set_job_id(job_id);
  return impl_->call(impl_->job_service(), &Impl::JobService::GetJobStatus, request);
}

Answer<v1::SubscribeResponse> CacheClient::subscribe(const base::JobSet& job_set,
                                                     const std::string& subscriber,
                                                     std::uint32_t lease_seconds) const {
  v1::SubscribeRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  request.set_subscriber(subscriber);
  request.set_lease_seconds(lease_seconds);
  return impl_->call(impl_->cache(), &Impl::Cache::Subscribe, request);
}

Answer<v1::UnsubscribeResponse> CacheClient::unsubscribe(const base::JobSet& job_set,
                                                         const std::string& subscriber) const {
  v1::UnsubscribeRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  request.set_subscriber(subscriber);
  return impl_->call(impl_->cache(), &Impl::Cache::Unsubscribe, request);
}

Answer<v1::ListSubscriptionsResponse> CacheClient::subscriptions(
    const v1::ListSubscriptionsRequest& request) const {
  return impl_->call(impl_->cache(), &Impl::Cache::ListSubscriptions, request);
}

Answer<v1::ListJobsResponse> CacheClient::jobs(const v1::ListJobsRequest& request) const {
  return impl_->call(impl_->cache(), &Impl::Cache::ListJobs, request);
}

Answer<v1::GetJobSetSummaryResponse> CacheClient::summary(const base::JobSet& job_set) const {
  v1::GetJobSetSummaryRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  return impl_->call(impl_->cache(), &Impl::Cache::GetJobSetSummary, request);
}

bool CacheClient::caught_up(const base::JobSet& job_set) const {
  const auto answer = summary(job_set);
  const v1::RelayState state = answer.message.relay().state();
  const bool following = state == v1::RELAY_STATE_FOLLOWING || state == v1::RELAY_STATE_PARKED;
  return answer.ok() && following && answer.message.complete();
}

Answer<std::string> CacheClient::call_raw(const std::string& method,
                                          const std::string& request) const {
  return impl_->call_raw(method, request);
}

}  // namespace armada_cache::test_support
