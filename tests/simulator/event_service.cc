#include "tests/simulator/event_service.h"

#include "tests/simulator/rpc_call.h"

namespace armada_cache::simulator {
namespace {

base::Result<ReadRequest> parse(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  api::JobSetRequest request;
  if (!bytes.DumpToSingleSlice(&slice).ok() ||
      !request.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return base::fail(base::ErrorCode::kInternal, "the request is no JobSetRequest");
  }
  return ReadRequest{{request.queue(), request.id()},
                     request.watch(),
                     request.from_message_id(),
                     request.errorifmissing()};
}

}  // namespace

void EventService::end_all(const grpc::Status& status) {
  std::vector<std::shared_ptr<EventSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, weak] : sessions_) {
      if (auto session = weak.lock()) sessions.push_back(std::move(session));
    }
  }
  for (const auto& session : sessions) session->end(status);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventService::GetJobSetEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto reading = begin(*context, *request);
  if (!reading) {
    return EventSession::refuse(to_grpc(in_method("GetJobSetEvents", reading.error())));
  }
  const Options& options = world_.options();
  const std::lock_guard lock(mutex_);
  const auto session = EventSession::start(
      std::move(*reading),
      {options.max_read_bytes, options.faults, options.seed + ++opened_, &timers_},
      [this](EventSession* gone) {
        const std::lock_guard relock(mutex_);
        sessions_.erase(gone);
      });
  sessions_.emplace(session.get(), session);
  return session.get();
}

grpc::ServerUnaryReactor* EventService::Health(grpc::CallbackServerContext* context,
                                               const google::protobuf::Empty* /*request*/,
                                               api::HealthCheckResponse* response) {
  response->set_status(api::HealthCheckResponse::SERVING);
  return finish(context);
}

base::Result<Reading> EventService::begin(const grpc::CallbackServerContext& context,
                                          const grpc::ByteBuffer& request) {
  const auto user = authenticate(context, world_.credentials());
  if (!user) return tl::unexpected(user.error());
  const auto parsed = parse(request);
  if (!parsed) return tl::unexpected(parsed.error());
  return begin_reading(*parsed, *user, world_);
}

}  // namespace armada_cache::simulator
