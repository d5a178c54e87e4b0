#include "projector/rpc/lookup_methods.h"

#include <google/protobuf/arena.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "armada_cache/internal/v1/lookup.grpc.pb.h"
#include "core/base/task_pool.h"
#include "core/lookup/wire.h"
#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/protobuf_handler.h"
#include "core/rpc/calls/raw_method.h"

namespace armada_cache::projector {
namespace {

namespace wire = internal::v1;
using wire::Lookup;

using RawLookup = Lookup::WithRawMethod_Statuses<
    Lookup::WithRawMethod_GatheredStatuses<Lookup::WithRawMethod_Details<
        Lookup::WithRawMethod_List<Lookup::WithRawMethod_Summarize<Lookup::WithRawMethod_Relays<
            Lookup::WithRawMethod_Asked<Lookup::WithRawMethod_ActiveQueues<Lookup::Service>>>>>>>>;

std::string name_of(std::string_view method) {
  return "armada_cache.internal.v1.Lookup/" + std::string(method);
}

// Of a question between the two: partitions that were here all the time. What is applied meanwhile
// may be in the answer or not.
lookup::Freshness between(const lookup::Extents& before, const lookup::Extents& after) {
  lookup::Freshness made;
  made.extents.incarnation = after.incarnation;
  auto later = after.partitions.begin();
  for (const lookup::Extent& extent : before.partitions) {
    while (later != after.partitions.end() && later->partition < extent.partition) ++later;
    if (later == after.partitions.end()) break;
    if (later->partition != extent.partition) continue;
    made.partitions.push_back(extent.partition);
    made.extents.partitions.push_back({extent.partition, extent.least, later->most, later->lags});
  }
  return made;
}

std::vector<std::int32_t>& partitions_of(lookup::AskedAnswer& answer) {
  return answer.partitions;
}
template <typename Answer>
std::vector<std::int32_t>& partitions_of(Answer& answer) {
  return answer.freshness.partitions;
}

void tell_extents(const lookup::Freshness&, lookup::AskedAnswer&) {}
template <typename Answer>
void tell_extents(const lookup::Freshness& held, Answer& into) {
  into.freshness.extents = held.extents;
}

// An answer that adds up what is here tells by itself of which partitions it is.
template <typename Answer>
base::Status tell(const lookup::Freshness& held, Answer& into) {
  std::vector<std::int32_t>& partitions = partitions_of(into);
  if (!partitions.empty() && partitions != held.partitions) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "partitions came or went during the question; ask again");
  }
  partitions = held.partitions;
  tell_extents(held, into);
  return {};
}

// Gives the reader's answer as a message.
template <typename Answer, typename Response>
lookup::JobReader::Done<Answer> answer_to(const ExtentsHere& here, rpc::Respond<Response> respond) {
  return
      [&here, before = here(), respond = std::move(respond)](base::Result<Answer> answer) mutable {
        if (!answer) return respond({tl::unexpected(std::move(answer.error()))});
        if (auto told = tell(between(before, here()), *answer); !told) {
          return respond({tl::unexpected(std::move(told.error()))});
        }
        Response response;
        lookup::write(*std::move(answer), response);
        respond({std::move(response)});
      };
}

void ask_statuses(lookup::JobReader& reader, const wire::StatusesRequest& request,
                  lookup::JobReader::Done<lookup::StatusAnswer> done) {
  const std::vector<std::string_view> ids(request.job_ids().begin(), request.job_ids().end());
  reader.statuses(ids, request.with_queues(), std::move(done));
}

// Collects what is answered while the questions are being asked.
class Gathering {
 public:
  Gathering(int questions, const ExtentsHere& here)
      : here_(here),
        before_(here()),
        response_(google::protobuf::Arena::CreateMessage<wire::GatheredStatusesResponse>(&arena_)) {
    for (int i = 0; i < questions; ++i) response_->add_answers();
  }

  // Without effect after close().
  void take(int at, base::Result<lookup::StatusAnswer> answer) {
    const std::lock_guard lock(mutex_);
    if (closed_ || !answer) return;
    lookup::write(*answer, *response_->mutable_answers(at)->mutable_answer());
  }

  const wire::GatheredStatusesResponse& close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    lookup::write_extents(between(before_, here_()), *response_->mutable_extents());
    return *response_;
  }

 private:
  const ExtentsHere& here_;
  const lookup::Extents before_;
  std::mutex mutex_;
  bool closed_ = false;
  google::protobuf::Arena arena_;
  wire::GatheredStatusesResponse* const response_;
};

void ask_gathered(lookup::JobReader& reader, const ExtentsHere& here, rpc::Call& call) {
  google::protobuf::Arena arena;
  auto& request = *google::protobuf::Arena::CreateMessage<wire::GatheredStatusesRequest>(&arena);
  if (!rpc::parse_request(call, request)) return;
  const auto gathering = std::make_shared<Gathering>(request.questions_size(), here);
  for (int i = 0; i < request.questions_size(); ++i) {
    ask_statuses(reader, request.questions(i),
                 [gathering, i](auto answer) { gathering->take(i, std::move(answer)); });
  }
  rpc::answer_with(call, gathering->close());
}

// Small questions on the polling thread, large ones on the pool.
rpc::Method::Handler where_it_fits(base::TaskPool& pool, std::size_t inline_bytes,
                                   rpc::Method::Handler handler) {
  return [&pool, inline_bytes, handler = std::move(handler)](const auto& call) {
    if (call->request().size() <= inline_bytes) return handler(call);
    if (!pool.try_post([&handler, call] { handler(call); })) {
      call->fail({base::ErrorCode::kResourceExhausted, "the projector's queue of work is full"});
    }
  };
}

constexpr std::size_t kBytesAnId = 28;  // as Armada makes them, with what is around

}  // namespace

struct LookupMethods::Generated {
  RawLookup service;
};

LookupMethods::LookupMethods(const LookupMethodOptions& options, lookup::JobReader& reader,
                             const ExtentsHere& extents, rpc::CallQueue& queue,
                             base::TaskPool& pool)
    : reader_(reader), extents_(extents), generated_(std::make_unique<Generated>()) {
  add_statuses(options, queue, pool);
  add_others(queue);
}

LookupMethods::~LookupMethods() = default;

grpc::Service& LookupMethods::grpc_service() {
  return generated_->service;
}

void LookupMethods::add_statuses(const LookupMethodOptions& options, rpc::CallQueue& queue,
                                 base::TaskPool& pool) {
  const std::size_t inline_bytes = options.inline_ids * kBytesAnId;
  rpc::Method statuses = rpc::raw_method(
      name_of("Statuses"), generated_->service, &RawLookup::RequestStatuses,
      where_it_fits(pool, inline_bytes,
                    rpc::protobuf_handler<wire::StatusesRequest, wire::StatusesResponse>(
                        [this](const wire::StatusesRequest& request, auto respond) {
                          ask_statuses(
                              reader_, request,
                              answer_to<lookup::StatusAnswer>(extents_, std::move(respond)));
                        })));
  statuses.on_polling_thread = true;
  statuses.slots = options.status_slots;
  queue.add(std::move(statuses));
  rpc::Method gathered = rpc::raw_method(
      name_of("GatheredStatuses"), generated_->service, &RawLookup::RequestGatheredStatuses,
      where_it_fits(pool, inline_bytes,
                    [this](const auto& call) { ask_gathered(reader_, extents_, *call); }));
  gathered.on_polling_thread = true;
  gathered.slots = options.status_slots;
  queue.add(std::move(gathered));
}

void LookupMethods::add_others(rpc::CallQueue& queue) {
  RawLookup& raw = generated_->service;
  queue.add(rpc::raw_method(
      name_of("Details"), raw, &RawLookup::RequestDetails,
      rpc::protobuf_handler<wire::DetailsRequest, wire::DetailsResponse>(
          [this](const wire::DetailsRequest& request, auto respond) {
            reader_.details({request.job_ids().begin(), request.job_ids().end()},
                            request.with_spec(),
                            answer_to<lookup::DetailsAnswer>(extents_, std::move(respond)));
          })));
  queue.add(rpc::raw_method(name_of("List"), raw, &RawLookup::RequestList,
                            rpc::protobuf_handler<wire::ListRequest, wire::ListResponse>(
                                [this](const wire::ListRequest& request, auto respond) {
                                  auto asked = lookup::read(request);
                                  if (!asked) return respond({tl::unexpected(asked.error())});
                                  reader_.list(
                                      *std::move(asked),
                                      answer_to<lookup::ListAnswer>(extents_, std::move(respond)));
                                })));
  queue.add(rpc::raw_method(name_of("Summarize"), raw, &RawLookup::RequestSummarize,
                            rpc::protobuf_handler<wire::SummarizeRequest, wire::SummarizeResponse>(
                                [this](const wire::SummarizeRequest& request, auto respond) {
                                  reader_.summarize({request.queue(), request.job_set()},
                                                    answer_to<lookup::JobSetSummary>(
                                                        extents_, std::move(respond)));
                                })));
  queue.add(rpc::raw_method(name_of("Relays"), raw, &RawLookup::RequestRelays,
                            rpc::protobuf_handler<wire::RelaysRequest, wire::RelaysResponse>(
                                [this](const wire::RelaysRequest& request, auto respond) {
                                  reader_.relays(lookup::read(request),
                                                 answer_to<lookup::RelaysAnswer>(
                                                     extents_, std::move(respond)));
                                })));
  queue.add(rpc::raw_method(name_of("Asked"), raw, &RawLookup::RequestAsked,
                            rpc::protobuf_handler<wire::AskedRequest, wire::AskedResponse>(
                                [this](const wire::AskedRequest& request, auto respond) {
                                  auto asked = lookup::read(request);
                                  if (!asked) return respond({tl::unexpected(asked.error())});
                                  reader_.asked(
                                      *std::move(asked),
                                      answer_to<lookup::AskedAnswer>(extents_, std::move(respond)));
                                })));
  queue.add(
      rpc::raw_method(name_of("ActiveQueues"), raw, &RawLookup::RequestActiveQueues,
                      rpc::protobuf_handler<wire::ActiveQueuesRequest, wire::ActiveQueuesResponse>(
                          [this](const wire::ActiveQueuesRequest&, auto respond) {
                            reader_.active_queues(answer_to<lookup::ActiveQueuesAnswer>(
                                extents_, std::move(respond)));
                          })));
}

}  // namespace armada_cache::projector
