// api.Event over gRPC.
#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "armada/api/event.grpc.pb.h"
#include "tests/simulator/event_session.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Answers with raw bytes, as a message need not be a well-formed one. Thread-safe. The world and
// the timers must outlive it and its server.
class EventService final : public api::Event::WithRawCallbackMethod_GetJobSetEvents<
                               api::Event::WithCallbackMethod_Health<api::Event::Service>> {
 public:
  EventService(World& world, Timers& timers) : world_(world), timers_(timers) {}

  // Ends every stream with this status.
  void end_all(const grpc::Status& status);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* GetJobSetEvents(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* Health(grpc::CallbackServerContext* context,
                                   const google::protobuf::Empty* request,
                                   api::HealthCheckResponse* response) override;

 private:
  base::Result<Reading> begin(const grpc::CallbackServerContext& context,
                              const grpc::ByteBuffer& request);

  World& world_;
  Timers& timers_;
  std::mutex mutex_;
  std::map<EventSession*, std::weak_ptr<EventSession>> sessions_;
  std::uint64_t opened_ = 0;
};

}  // namespace armada_cache::simulator
