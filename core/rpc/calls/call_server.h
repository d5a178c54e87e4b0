// The life of a gRPC server of ours: health and reflection beside its methods, and a drain that
// answers whatever was accepted.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/base/task_pool.h"
#include "core/rpc/call_server_options.h"
#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/health_service.h"
#include "core/rpc/calls/reflection_service.h"

namespace armada_cache::rpc {

// Not thread-safe but for draining(). References must outlive it.
class CallServer {
 public:
  struct Traits {
    std::vector<std::string> services;  // full names, without health and reflection
    std::string waiting_metric;         // the gauge of calls in hand
    bool tells_as_of = true;            // in each answer's metadata
  };

  // `serving` is what health tells until the drain; asked often, must not block.
  CallServer(const CallServerOptions& options, const Traits& traits, std::function<bool()> serving,
             base::TaskPool& pool, base::Metrics& metrics);

  // Methods are added to it before start().
  CallQueue& calls() { return calls_; }
  // Before start(). Must live until stop() has returned.
  void add(grpc::Service& service) { builder_.RegisterService(&service); }

  // Listens and answers. The address as it was bound. kInvalidArgument names a wrong option;
  // kFailedPrecondition: the address cannot be bound.
  base::Result<std::string> start();

  // Drains: health tells NOT_SERVING, nothing new is accepted, what was accepted is answered,
  // until then at the latest. Blocks. Must be called once start() was, even if that failed.
  void stop(std::chrono::steady_clock::time_point until);
  bool draining() const { return draining_; }

 private:
  const CallServerOptions& options_;
  base::Metrics& metrics_;
  std::atomic<bool> draining_{false};
  const std::unique_ptr<AccessGate> gate_;
  grpc::ServerBuilder builder_;
  CallQueue calls_;
  HealthService health_;
  ReflectionService reflection_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace armada_cache::rpc
