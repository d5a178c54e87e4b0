// Methods out of generated services that leave the messages to us.
#pragma once

#include <string>
#include <utility>

#include "core/rpc/calls/call_queue.h"

namespace armada_cache::rpc {

// `request_call` is one of the generated Request… members of the raw service.
template <typename Raw, typename RequestCall>
Method raw_method(std::string name, Raw& service, RequestCall request_call,
                  Method::Handler handler) {
  Method made;
  made.name = std::move(name);
  made.post = [&service, request_call](auto& context, auto& request, auto& responder, auto& queue,
                                       void* tag) {
    (service.*request_call)(&context, &request, &responder, &queue, &queue, tag);
  };
  made.handler = std::move(handler);
  return made;
}

}  // namespace armada_cache::rpc
