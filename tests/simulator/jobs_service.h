// api.Jobs over gRPC, answered from the oracle. As Armada's own it asks who calls, but not what the
// caller may read.
#pragma once

#include <string_view>

#include "armada/api/job.grpc.pb.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Thread-safe. The world must outlive it and its server. Run ids are "<job id>-run-<n>", n from 0;
// Armada's own cannot be known from its streams.
class JobsService final : public api::Jobs::CallbackService {
 public:
  explicit JobsService(World& world) : world_(world) {}

  grpc::ServerUnaryReactor* GetJobStatus(grpc::CallbackServerContext* context,
                                         const api::JobStatusRequest* request,
                                         api::JobStatusResponse* response) override;
  grpc::ServerUnaryReactor* GetJobStatusUsingExternalJobUri(
      grpc::CallbackServerContext* context, const api::JobStatusUsingExternalJobUriRequest* request,
      api::JobStatusResponse* response) override;
  grpc::ServerUnaryReactor* GetJobDetails(grpc::CallbackServerContext* context,
                                          const api::JobDetailsRequest* request,
                                          api::JobDetailsResponse* response) override;
  grpc::ServerUnaryReactor* GetJobErrors(grpc::CallbackServerContext* context,
                                         const api::JobErrorsRequest* request,
                                         api::JobErrorsResponse* response) override;
  grpc::ServerUnaryReactor* GetJobRunDetails(grpc::CallbackServerContext* context,
                                             const api::JobRunDetailsRequest* request,
                                             api::JobRunDetailsResponse* response) override;
  grpc::ServerUnaryReactor* GetActiveQueues(grpc::CallbackServerContext* context,
                                            const api::GetActiveQueuesRequest* request,
                                            api::GetActiveQueuesResponse* response) override;

 private:
  grpc::Status check(const grpc::CallbackServerContext& context, int ids,
                     std::string_view what) const;

  World& world_;
};

}  // namespace armada_cache::simulator
