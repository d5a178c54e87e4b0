// Unary calls to other servers, as raw bytes, polled by one thread.
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

class CallQueue;

// Thread-safe, but for share(). Callers bound how many calls they have under way.
class ClientQueue {
 public:
  // Run once, on the polling thread: it must not block. Errors as the server or gRPC gave them;
  // kUnavailable also while there is no such thread yet, and once the queue stops.
  using Done = std::function<void(base::Result<grpc::ByteBuffer>)>;

  enum class PolledBy {
    kItself,  // a thread of its own
    kServer,  // the one that polls a server's calls, see share()
  };
  explicit ClientQueue(PolledBy polled_by = PolledBy::kItself);
  ~ClientQueue();  // stops
  ClientQueue(const ClientQueue&) = delete;
  ClientQueue& operator=(const ClientQueue&) = delete;

  // Calls come back on that queue's thread from now on, so that a server that asks others in its
  // callers' name changes threads for none of them; only large answers go to a thread beside.
  // Before that queue starts. It must be finished before this goes, which ends what is under way.
  void share(CallQueue& server);

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
