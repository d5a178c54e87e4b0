// grpc.health.v1 on the polling thread: Check, and Watch as a stream that tells changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/rpc/calls/stream.h"

namespace grpc {
class Service;
}

namespace armada_cache::rpc {

class HealthService {
 public:
  // `serving` is asked often, on the polling thread; all of `services` share its answer.
  HealthService(CallQueue& queue, std::function<bool()> serving, std::vector<std::string> services);
  ~HealthService();  // after the queue finished

  grpc::Service& service();
  StreamSet& watches() { return watches_; }

 private:
  class Watch;
  struct Generated;

  void add_check(CallQueue& queue);
  int status_of(const std::string& service) const;

  const std::function<bool()> serving_;
  const std::vector<std::string> services_;
  const std::unique_ptr<Generated> generated_;
  StreamSet watches_;
};

}  // namespace armada_cache::rpc
