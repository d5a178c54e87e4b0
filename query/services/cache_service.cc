#include "query/services/cache_service.h"

#include <algorithm>
#include <utility>

#include "armada_cache/v1/cache.pb.h"
#include "query/services/page_token.h"
#include "query/services/subscription_list.h"
#include "query/services/v1_messages.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;

template <typename Request>
base::Status check_job_set(const Request& request) {
  if (!request.queue().empty() && !request.job_set().empty()) return {};
  return base::fail(ErrorCode::kInvalidArgument, "queue and job_set must not be empty");
}

base::Status check_states(const v1::ListJobsRequest& request) {
  for (const int state : request.states()) {
    if (v1::JobState_IsValid(state)) continue;
    return base::fail(ErrorCode::kInvalidArgument,
                      "states holds " + std::to_string(state) + ", which is no JobState");
  }
  return {};
}

// What must be the same for all pages of a listing.
template <typename Request>
std::string listing_of(Request request) {
  request.clear_page_token();
  request.clear_page_size();
  return std::string(request.GetTypeName()) + request.SerializeAsString();
}

// How complete the answer is, and as of when.
template <typename Response>
void fill_freshness(const lookup::Freshness& freshness, const std::string& relay_doubt,
                    Response& response) {
  set_time(freshness.as_of, *response.mutable_as_of());
  response.set_complete(freshness.certain && freshness.followed && relay_doubt.empty());
  if (!response.complete()) response.set_doubt(relay_doubt.empty() ? freshness.doubt : relay_doubt);
}

v1::ListJobsResponse jobs_page(const lookup::ListAnswer& answer, const std::string& listing,
                               const std::string& relay_doubt) {
  v1::ListJobsResponse response;
  fill_freshness(answer.freshness, relay_doubt, response);
  for (const lookup::ListedJob& job : answer.jobs) {
    v1::ListedJob& listed = *response.add_jobs();
    listed.set_job_id(job.job_id);
    listed.set_state(static_cast<v1::JobState>(job.state));
    set_time(job.submitted, *listed.mutable_submitted());
    set_time(job.last_transition, *listed.mutable_last_transition());
  }
  if (answer.more) response.set_next_page_token(make_page_token(listing, answer.go_on_after));
  return response;
}

v1::GetJobSetSummaryResponse summary_message(const lookup::JobSetSummary& summary,
                                             const std::string& relay_doubt) {
  v1::GetJobSetSummaryResponse response;
  for (std::size_t state = 0; state < summary.jobs_by_state.size(); ++state) {
    if (summary.jobs_by_state[state] == 0) continue;
    v1::StateCount& count = *response.add_counts();
    count.set_state(static_cast<v1::JobState>(state));
    count.set_jobs(summary.jobs_by_state[state]);
  }
  if (summary.relay) fill_relay(*summary.relay, *response.mutable_relay());
  fill_freshness(summary.freshness, relay_doubt, response);
  return response;
}

}  // namespace

std::size_t CacheService::page_size(std::size_t asked) const {
  return asked == 0 ? options_.default_page_size : std::min(asked, options_.max_page_size);
}

void CacheService::subscribe(const v1::SubscribeRequest& request,
                             Respond<v1::SubscribeResponse> respond) {
  subscriptions_.subscribe({{request.queue(), request.job_set()}, request.subscriber()},
                           std::chrono::seconds(request.lease_seconds()),
                           [respond = std::move(respond)](base::Result<base::Time> expires) {
                             respond({expires.map([](base::Time time) {
                               v1::SubscribeResponse response;
                               set_time(time, *response.mutable_lease_expires());
                               return response;
                             })});
                           });
}

void CacheService::unsubscribe(const v1::UnsubscribeRequest& request,
                               Respond<v1::UnsubscribeResponse> respond) {
  subscriptions_.unsubscribe({{request.queue(), request.job_set()}, request.subscriber()},
                             [respond = std::move(respond)](base::Result<bool> existed) {
                               respond({existed.map([](bool value) {
                                 v1::UnsubscribeResponse response;
                                 response.set_existed(value);
                                 return response;
                               })});
                             });
}

void CacheService::list_subscriptions(const v1::ListSubscriptionsRequest& request,
                                      Respond<v1::ListSubscriptionsResponse> respond) {
  if (request.queue().empty() != request.job_set().empty()) {
    return respond(Reply<v1::ListSubscriptionsResponse>::failed(
        ErrorCode::kInvalidArgument, "give both queue and job_set, or neither for all"));
  }
  SubscriptionListing listing;
  listing.token_scope = listing_of(request);
  if (!request.queue().empty()) listing.only = {request.queue(), request.job_set()};
  listing.page_size = page_size(request.page_size());
  const auto position = read_page_token(listing.token_scope, request.page_token());
  if (!position) return respond({tl::unexpected(position.error())});
  if (!position->empty()) {
    auto after = topics::decode_subscription_key(*position);
    if (!after) {
      return respond(Reply<v1::ListSubscriptionsResponse>::failed(ErrorCode::kInvalidArgument,
                                                                  "page_token is damaged"));
    }
    listing.after = std::move(*after);
  }
  query::list_subscriptions(subscriptions_, reader_, listing, std::move(respond));
}

void CacheService::list_jobs(const v1::ListJobsRequest& request,
                             Respond<v1::ListJobsResponse> respond) {
  if (auto checked = check_job_set(request); !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  if (auto checked = check_states(request); !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  std::string listing = listing_of(request);
  auto after = read_page_token(listing, request.page_token());
  if (!after) return respond({tl::unexpected(after.error())});
  lookup::ListRequest search;
  search.job_set = {request.queue(), request.job_set()};
  search.states.assign(request.states().begin(), request.states().end());
  search.after_job_id = std::move(*after);
  search.limit = page_size(request.page_size());
  std::string doubt = subscriptions_.of(search.job_set);
  reader_.list(std::move(search),
               [listing = std::move(listing), doubt = std::move(doubt),
                respond = std::move(respond)](base::Result<lookup::ListAnswer> answer) {
                 if (!answer) return respond({tl::unexpected(answer.error())});
                 respond({jobs_page(*answer, listing, doubt), answer->freshness.as_of});
               });
}

void CacheService::summarize(const v1::GetJobSetSummaryRequest& request,
                             Respond<v1::GetJobSetSummaryResponse> respond) {
  if (auto checked = check_job_set(request); !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  const base::JobSet job_set{request.queue(), request.job_set()};
  std::string doubt = subscriptions_.of(job_set);
  reader_.summarize(job_set, [doubt = std::move(doubt), respond = std::move(respond)](
                                 base::Result<lookup::JobSetSummary> summary) {
    if (!summary) return respond({tl::unexpected(summary.error())});
    respond({summary_message(*summary, doubt), summary->freshness.as_of});
  });
}

}  // namespace armada_cache::query
