#include "projector/rpc/lookup_server.h"

#include <optional>
#include <utility>

#include "core/base/task_pool.h"
#include "core/rpc/calls/call_server.h"

namespace armada_cache::projector {

// Everything that lives from start to stop.
class LookupServer::Running {
 public:
  Running(const LookupServerOptions& options, lookup::JobReader& reader, const ExtentsHere& extents,
          base::Metrics& metrics)
      : pool_({options.server.worker_threads, options.server.worker_queue_limit}),
        server_(
            options.server,
            {.services = {"armada_cache.internal.v1.Lookup"},
             .waiting_metric = "projector_calls_waiting",
             .tells_as_of = false},
            [] { return true; }, pool_, metrics) {
    methods_.emplace(options.methods, reader, extents, server_.calls(), pool_);
  }

  base::Result<std::string> start() {
    server_.add(methods_->grpc_service());
    return server_.start();
  }

  void stop(std::chrono::steady_clock::time_point until) {
    server_.stop(until);
    pool_.stop();
  }

 private:
  base::TaskPool pool_;
  std::optional<LookupMethods> methods_;  // goes after the server
  rpc::CallServer server_;
};

LookupServer::LookupServer(const LookupServerOptions& options, lookup::JobReader& reader,
                           ExtentsHere extents, base::Metrics& metrics)
    : options_(options), reader_(reader), extents_(std::move(extents)), metrics_(metrics) {}

LookupServer::~LookupServer() {
  stop();
}

base::Result<std::string> LookupServer::start() {
  running_ = std::make_unique<Running>(options_, reader_, extents_, metrics_);
  auto address = running_->start();
  if (!address) stop();
  return address;
}

void LookupServer::stop(std::chrono::steady_clock::time_point until) {
  if (running_ != nullptr) running_->stop(until);
}

void LookupServer::stop() {
  stop(std::chrono::steady_clock::now() + options_.server.drain_deadline);
}

}  // namespace armada_cache::projector
