// api.Submit over gRPC.
#pragma once

#include "armada/api/submit.grpc.pb.h"
#include "tests/simulator/engine.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Thread-safe. The world and the engine must outlive it and its server.
class SubmitService final : public api::Submit::CallbackService {
 public:
  SubmitService(World& world, Engine& engine) : world_(world), engine_(engine) {}

  grpc::ServerUnaryReactor* SubmitJobs(grpc::CallbackServerContext* context,
                                       const api::JobSubmitRequest* request,
                                       api::JobSubmitResponse* response) override;
  // By ids, or all of a job set's. Only jobs that came by SubmitJobs can be cancelled, preempted or
  // reprioritized; those of the load go their own way, and only the wish is recorded.
  grpc::ServerUnaryReactor* CancelJobs(grpc::CallbackServerContext* context,
                                       const api::JobCancelRequest* request,
                                       api::CancellationResult* response) override;
  grpc::ServerUnaryReactor* PreemptJobs(grpc::CallbackServerContext* context,
                                        const api::JobPreemptRequest* request,
                                        api::PreemptionResult* response) override;
  grpc::ServerUnaryReactor* ReprioritizeJobs(grpc::CallbackServerContext* context,
                                             const api::JobReprioritizeRequest* request,
                                             api::JobReprioritizeResponse* response) override;
  grpc::ServerUnaryReactor* CreateQueue(grpc::CallbackServerContext* context,
                                        const api::Queue* request,
                                        google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* GetQueue(grpc::CallbackServerContext* context,
                                     const api::QueueGetRequest* request,
                                     api::Queue* response) override;
  grpc::ServerUnaryReactor* Health(grpc::CallbackServerContext* context,
                                   const google::protobuf::Empty* request,
                                   api::HealthCheckResponse* response) override;

 private:
  // The caller's name, if the queue exists and the caller may do this with it.
  base::Result<std::string> admit(const grpc::CallbackServerContext& context,
                                  const std::string& verb, const std::string& queue) const;

  World& world_;
  Engine& engine_;
};

}  // namespace armada_cache::simulator
