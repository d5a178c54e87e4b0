// The caller of a gRPC call, as the access gate sees it.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

#include "core/rpc/calls/access_gate.h"

namespace armada_cache::rpc {

class GrpcCaller final : public Caller {
 public:
  explicit GrpcCaller(const grpc::ServerContextBase& context) : context_(context) {}

  std::string peer() const override { return context_.peer(); }

  std::string authorization() const override {
    const auto& metadata = context_.client_metadata();
    const auto found = metadata.find("authorization");
    return found == metadata.end() ? std::string()
                                   : std::string(found->second.data(), found->second.size());
  }

 private:
  const grpc::ServerContextBase& context_;
};

}  // namespace armada_cache::rpc
