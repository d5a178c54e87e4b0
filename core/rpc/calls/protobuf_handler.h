// Between raw calls and services that speak in generated messages.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>

#include <functional>
#include <memory>
#include <utility>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/reply.h"

namespace armada_cache::rpc {

// `serve` runs where the method's handler runs. Thread-safe if `serve` is.
template <typename Request, typename Response, typename Serve>
Method::Handler protobuf_handler(Serve serve) {
  return [serve = std::move(serve)](const std::shared_ptr<Call>& call) {
    Request request;
    const std::string_view bytes = call->request();
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      call->fail({base::ErrorCode::kInvalidArgument,
                  "the request's bytes are no valid " + request.GetTypeName()});
      return;
    }
    serve(std::move(request), Respond<Response>([call](Reply<Response> reply) {
            if (!reply.result) {
              call->fail(reply.result.error(), reply.as_of);
              return;
            }
            grpc::ByteBuffer payload;
            bool own_buffer = false;
            const grpc::Status encoded = grpc::SerializationTraits<Response>::Serialize(
                *reply.result, &payload, &own_buffer);
            if (encoded.ok()) {
              call->answer(payload, reply.as_of, reply.doubt);
            } else {
              call->fail({base::ErrorCode::kInternal, "the answer cannot be encoded"});
            }
          }));
  };
}

}  // namespace armada_cache::rpc
