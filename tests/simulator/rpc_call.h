// What the services share: how a call is authenticated and answered.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "tests/simulator/access.h"

namespace armada_cache::simulator {

// ErrorCode by the gRPC code of the same name.
grpc::Status to_grpc(const base::Error& error);

base::Result<std::string> authenticate(const grpc::CallbackServerContext& context,
                                       const Credentials& credentials);

inline grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context,
                                        const grpc::Status& status = grpc::Status::OK) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

// An error of a method is told as Armada does: "[Method] message".
base::Error in_method(std::string_view method, base::Error error);

}  // namespace armada_cache::simulator
