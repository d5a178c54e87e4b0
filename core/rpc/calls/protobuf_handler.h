// Between raw calls and services that speak in generated messages.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>

#include <functional>
#include <memory>
#include <utility>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/reply.h"

namespace armada_cache::rpc {

// False: the bytes are no such message, and the caller is told so.
template <typename Request>
bool parse_request(Call& call, Request& into) {
  const std::string_view bytes = call.request();
  if (into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return true;
  call.fail({base::ErrorCode::kInvalidArgument,
             "the request's bytes are no valid " + into.GetTypeName()});
  return false;
}

template <typename Response>
void answer_with(Call& call, const Response& response, std::optional<base::Time> as_of = {},
                 std::string_view doubt = {}) {
  grpc::ByteBuffer payload;
  bool own_buffer = false;
  if (grpc::SerializationTraits<Response>::Serialize(response, &payload, &own_buffer).ok()) {
    call.answer(payload, as_of, doubt);
  } else {
    call.fail({base::ErrorCode::kInternal, "the answer cannot be encoded"});
  }
}

// `serve` runs where the method's handler runs. Thread-safe if `serve` is.
template <typename Request, typename Response, typename Serve>
Method::Handler protobuf_handler(Serve serve) {
  return [serve = std::move(serve)](const std::shared_ptr<Call>& call) {
    Request request;
    if (!parse_request(*call, request)) return;
    serve(std::move(request), Respond<Response>([call](Reply<Response> reply) {
            if (!reply.result) return call->fail(reply.result.error(), reply.as_of);
            answer_with(*call, *reply.result, reply.as_of, reply.doubt);
          }));
  };
}

}  // namespace armada_cache::rpc
