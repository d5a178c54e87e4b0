// Serves a projection's job reader to other processes, as armada_cache.internal.v1.Lookup, with
// health and reflection beside it. For query processes, not for users: nobody asks here what a
// caller may see, so the port is open to this machine only unless the operator says otherwise.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/lookup/job_reader.h"
#include "core/rpc/call_server_options.h"
#include "projector/rpc/lookup_methods.h"

namespace armada_cache::projector {

struct LookupServerOptions {
  rpc::CallServerOptions server;
  LookupMethodOptions methods;
};

// Not thread-safe. References must outlive it.
class LookupServer {
 public:
  LookupServer(const LookupServerOptions& options, lookup::JobReader& reader, ExtentsHere extents,
               base::Metrics& metrics);
  ~LookupServer();  // stops

  // Listens and answers. The address as it was bound. kInvalidArgument names a wrong option;
  // kFailedPrecondition: the address cannot be bound.
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
  base::Metrics& metrics_;
  std::unique_ptr<Running> running_;
};

}  // namespace armada_cache::projector
