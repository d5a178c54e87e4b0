#include "query/status_method.h"

#include <memory>
#include <utility>

#include "query/codec/status_codec.h"

namespace armada_cache::query {
namespace {

// The call keeps the bytes that the ids point into.
struct StatusLookup {
  StatusLookup(std::shared_ptr<rpc::Call> its_call, StatusRequest its_request)
      : call(std::move(its_call)), request(std::move(its_request)) {}

  std::shared_ptr<rpc::Call> call;
  StatusRequest request;
};

void answer(const StatusLookup& lookup, const lookup::StatusAnswer& found) {
  const auto& ids = lookup.request.job_ids;
  const grpc::Slice slice(grpc_slice_malloc(status_response_size(ids, found.statuses)),
                          grpc::Slice::STEAL_REF);
  write_status_response(ids, found.statuses, const_cast<std::uint8_t*>(slice.begin()));
  lookup.call->answer(grpc::ByteBuffer(&slice, 1), found.freshness.as_of);
}

void look_up(JobsService& jobs, const std::shared_ptr<StatusLookup>& lookup) {
  jobs.statuses(lookup->request.job_ids, [lookup](base::Result<lookup::StatusAnswer> found) {
    if (found) {
      answer(*lookup, *found);
    } else {
      lookup->call->fail(found.error());
    }
  });
}

}  // namespace

rpc::Method::Handler status_handler(JobsService& jobs, base::TaskPool& pool,
                                    std::size_t inline_ids) {
  return [&jobs, &pool, inline_ids](const std::shared_ptr<rpc::Call>& call) {
    auto request = parse_status_request(call->request(), jobs.max_ids());
    if (!request) return call->fail(request.error());
    if (auto checked = jobs.check_count(request->asked, "jobIds"); !checked) {
      return call->fail(checked.error());
    }
    auto lookup = std::make_shared<StatusLookup>(call, std::move(*request));
    if (lookup->request.job_ids.size() <= inline_ids) return look_up(jobs, lookup);
    if (!pool.try_post([&jobs, lookup] { look_up(jobs, lookup); })) {
      call->fail({base::ErrorCode::kResourceExhausted, "the server's queue of work is full"});
    }
  };
}

}  // namespace armada_cache::query
