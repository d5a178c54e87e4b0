#include "app/cache_client.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "armada_cache/v1/cache.grpc.pb.h"
#include "core/relay/state.h"
#include "core/rpc/status.h"

namespace armada_cache::app {
namespace {

using base::JobSet;

constexpr std::chrono::seconds kCallTimeout{2};
constexpr std::uint32_t kLeaseSeconds = 60;
constexpr std::uint32_t kPageSize = 1000;

std::string relay_text(const v1::Relay& relay) {
  if (relay.state() == v1::RELAY_STATE_UNSPECIFIED) return "not begun";
  std::string name(relay::meaning_of(relay.state()).name);
  std::ranges::replace(name, '_', ' ');
  return relay.last_error().empty() ? name : name + ": " + relay.last_error();
}

}  // namespace

struct CacheClient::Stub {
  template <typename Request, typename Response>
  base::Status call(grpc::Status (v1::Cache::Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    const grpc::Status status = (calls.get()->*method)(&context, request, &response);
    if (status.ok()) return {};
    return tl::unexpected(rpc::from_grpc(status));
  }

  std::unique_ptr<v1::Cache::Stub> calls;
};

base::Result<CacheClient> CacheClient::make(const rpc::ChannelOptions& channel) {
  auto made = rpc::make_channel(channel);
  if (!made) return tl::unexpected(made.error());
  auto stub = std::make_unique<Stub>();
  stub->calls = v1::Cache::NewStub(*made);
  return CacheClient(std::move(stub));
}

CacheClient::CacheClient(std::unique_ptr<Stub> stub) : stub_(std::move(stub)) {}
CacheClient::CacheClient(CacheClient&&) noexcept = default;
CacheClient::~CacheClient() = default;

base::Status CacheClient::subscribe(const JobSet& job_set) {
  v1::SubscribeRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  request.set_subscriber("show");
  request.set_lease_seconds(kLeaseSeconds);
  v1::SubscribeResponse response;
  return stub_->call(&v1::Cache::Stub::Subscribe, request, response);
}

base::Result<std::vector<JobSet>> CacheClient::followed(std::size_t limit) {
  std::set<JobSet> job_sets;
  v1::ListSubscriptionsRequest request;
  request.set_page_size(kPageSize);
  do {
    v1::ListSubscriptionsResponse page;
    if (auto asked = stub_->call(&v1::Cache::Stub::ListSubscriptions, request, page); !asked) {
      return tl::unexpected(asked.error());
    }
    for (const v1::Subscription& subscription : page.subscriptions()) {
      job_sets.insert({subscription.job_set().queue(), subscription.job_set().job_set()});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && job_sets.size() < limit);
  const auto shown = std::min(limit, job_sets.size());
  return std::vector<JobSet>(job_sets.begin(),
                             std::next(job_sets.begin(), static_cast<std::ptrdiff_t>(shown)));
}

JobSetLine CacheClient::line_of(const JobSet& job_set) {
  JobSetLine line;
  line.name = job_set.queue + "/" + job_set.name;
  v1::GetJobSetSummaryRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  v1::GetJobSetSummaryResponse summary;
  if (auto asked = stub_->call(&v1::Cache::Stub::GetJobSetSummary, request, summary); !asked) {
    line.problem = asked.error().message;
    return line;
  }
  for (const auto& count : summary.counts()) line.jobs_by_state[count.state()] = count.jobs();
  line.relay = relay_text(summary.relay());
  line.as_of = base::from_unix_micros(summary.as_of().seconds() * 1'000'000 +
                                      summary.as_of().nanos() / 1000);
  return line;
}

}  // namespace armada_cache::app
