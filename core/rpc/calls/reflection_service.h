// Server reflection on the polling thread, behind the same access gate as all else. gRPC's own
// plug-in needs threads and passes no gate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/rpc/calls/stream.h"

namespace grpc {
class Service;
}

namespace armada_cache::rpc {

// Not thread-safe but for what streams() says of itself. The queue must outlive it, and be finished
// before it goes.
class ReflectionService {
 public:
  // `services` are the full names that it lists.
  ReflectionService(CallQueue& queue, std::vector<std::string> services);
  ~ReflectionService();

  // To be registered before the server starts; lives as long as this.
  grpc::Service& service();
  StreamSet& streams() { return streams_; }

 private:
  class Conversation;
  struct Generated;

  const std::vector<std::string> services_;
  const std::unique_ptr<Generated> generated_;
  StreamSet streams_;
};

}  // namespace armada_cache::rpc
