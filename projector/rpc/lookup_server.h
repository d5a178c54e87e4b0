// Serves a projection's job reader to other processes, as armada_cache.internal.v1.Lookup, with
// grpc.health.v1 beside it. For query processes, not for users: nobody asks here what a caller may
// see, so the port is open to this machine only unless the operator says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/lookup/job_reader.h"
#include "core/rpc/access.h"
#include "core/rpc/server.h"
#include "projector/rpc/lookup_methods.h"

namespace armada_cache::projector {

struct LookupServerOptions {
  rpc::ServerSettings server;
  rpc::Access access = rpc::Access::kLoopbackOnly;

  std::chrono::milliseconds call_deadline = std::chrono::seconds(10);  // or the caller's, if sooner
  std::chrono::milliseconds retry_after{250};  // what a caller is told who may try again
  int max_calls = 4096;                        // accepted and not yet answered; more are shed
  std::size_t worker_threads = 2;              // for all but small questions for statuses
  std::size_t worker_queue_limit = 4096;
  LookupMethodOptions methods;

  // How long no call must come after clients are asked to leave: more than a round trip to them.
  std::chrono::milliseconds drain_quiet{250};
  // How long stop() lets accepted calls take.
  std::chrono::milliseconds drain_deadline = std::chrono::seconds(15);
};

// Not thread-safe. References must outlive it.
class LookupServer {
 public:
  // `serving` is what health tells; asked often, must not block.
  LookupServer(const LookupServerOptions& options, lookup::JobReader& reader, ExtentsHere extents,
               std::function<bool()> serving, base::Metrics& metrics);
  ~LookupServer();  // stops

  // Listens and answers. The address as it was bound. kInvalidArgument names a wrong option;
  // kUnavailable: the address cannot be bound.
  base::Result<std::string> start();

  // Drains: health tells NOT_SERVING, nothing new is accepted, what was accepted is answered,
  // until then at the latest; without a time, within the drain deadline. Blocks.
  void stop(std::chrono::steady_clock::time_point until);
  void stop();

 private:
  class Running;

  const LookupServerOptions options_;
  lookup::JobReader& reader_;
  const ExtentsHere extents_;
  const std::function<bool()> serving_;
  base::Metrics& metrics_;
  std::unique_ptr<Running> running_;
};

}  // namespace armada_cache::projector
