// Unary calls to other servers, as raw bytes: one completion queue polled by one thread.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace grpc {
class Channel;
}

namespace armada_cache::rpc {

// Thread-safe. Callers bound how many calls they have under way.
class ClientQueue {
 public:
  // Run once, on the polling thread: it must not block. Errors as the server or gRPC gave them;
  // kUnavailable also once the queue stops.
  using Done = std::function<void(base::Result<grpc::ByteBuffer>)>;

  ClientQueue();
  ~ClientQueue();  // stops
  ClientQueue(const ClientQueue&) = delete;
  ClientQueue& operator=(const ClientQueue&) = delete;

  // `method` as on the wire: "/package.Service/Method".
  void call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const grpc::ByteBuffer& request, std::chrono::milliseconds timeout, Done done);

  // Cancels what is under way and waits until all of it is told so. Not on the polling thread. May
  // be called twice.
  void stop();

 private:
  struct Calls;
  const std::unique_ptr<Calls> calls_;
};

}  // namespace armada_cache::rpc
