// grpc.health.v1 on the polling thread: Check, and Watch as a stream that tells changes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/rpc/calls/stream.h"

namespace grpc {
class Service;
}

namespace armada_cache::rpc {

// Not thread-safe but for what watches() says of itself. The queue must outlive it, and be finished
// before it goes.
class HealthService {
 public:
  struct Options {
    std::size_t max_watches = 128;  // more are refused with RESOURCE_EXHAUSTED
    std::chrono::milliseconds max_watch_age = std::chrono::hours(1);  // then it ends: UNAVAILABLE
  };

  // `serving` is asked often, on the polling thread; all of `services` share its answer.
  HealthService(const Options& options, CallQueue& queue, std::function<bool()> serving,
                std::vector<std::string> services);
  ~HealthService();

  // To be registered before the server starts; lives as long as this.
  grpc::Service& service();
  StreamSet& watches() { return watches_; }

 private:
  class Watch;
  struct Generated;

  void add_check(CallQueue& queue);
  int status_of(const std::string& service) const;

  const Options options_;
  const std::function<bool()> serving_;
  const std::vector<std::string> services_;
  const std::unique_ptr<Generated> generated_;
  StreamSet watches_;
};

}  // namespace armada_cache::rpc
