#include "projector/rpc/lookup_server.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <utility>

#include "core/base/task_pool.h"
#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/health_service.h"
#include "core/rpc/leave.h"

namespace armada_cache::projector {
namespace {

rpc::CallQueue::Options call_options(const LookupServerOptions& options) {
  return {.call_deadline = options.call_deadline,
          .retry_after = options.retry_after,
          .max_calls = options.max_calls,
          .waiting_metric = "projector_calls_waiting",
          .tells_as_of = false};
}

}  // namespace

// Everything that lives from start to stop, in the order in which it must be built.
class LookupServer::Running {
 public:
  Running(const LookupServerOptions& options, lookup::JobReader& reader, const ExtentsHere& extents,
          const std::function<bool()>& serving, base::Metrics& metrics)
      : options_(options),
        metrics_(metrics),
        gate_(rpc::make_gate(options.access)),
        pool_({options.worker_threads, options.worker_queue_limit}),
        calls_(call_options(options), builder_.AddCompletionQueue(), *gate_, pool_, metrics),
        methods_(options.methods, reader, extents, calls_, pool_),
        health_({options.server.max_health_watches, options.server.max_health_watch_age}, calls_,
                [this, serving] { return !draining_ && serving(); },
                {"armada_cache.internal.v1.Lookup", "grpc.health.v1.Health", ""}) {}

  base::Result<std::string> start() {
    auto listener = rpc::configure(builder_, options_.server, metrics_);
    if (!listener) return tl::unexpected(listener.error());
    listener_ = *std::move(listener);
    builder_.RegisterService(&methods_.grpc_service());
    builder_.RegisterService(&health_.service());
    server_ = builder_.BuildAndStart();
    if (server_ == nullptr) {
      return base::fail(base::ErrorCode::kInternal,
                        "gRPC cannot start a server for " + options_.server.listen);
    }
    calls_.start();
    health_.watches().start();
    listener_->start();
    return listener_->address();
  }

  void stop(std::chrono::steady_clock::time_point until) {
    if (draining_.exchange(true)) return;
    if (server_ != nullptr) {
      health_.watches().end_all();
      listener_->stop();
      calls_.begin_leaving();
      if (rpc::ask_clients_to_leave(*server_)) calls_.wait_until_quiet(options_.drain_quiet, until);
      server_->Shutdown(std::chrono::system_clock::now() +
                        (until - std::chrono::steady_clock::now()));
      calls_.finish();
    }
    pool_.stop();
  }

 private:
  const LookupServerOptions& options_;
  base::Metrics& metrics_;
  std::atomic<bool> draining_{false};
  const std::unique_ptr<rpc::AccessGate> gate_;
  base::TaskPool pool_;
  grpc::ServerBuilder builder_;
  rpc::CallQueue calls_;
  LookupMethods methods_;
  rpc::HealthService health_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<rpc::Listener> listener_;
};

LookupServer::LookupServer(const LookupServerOptions& options, lookup::JobReader& reader,
                           ExtentsHere extents, std::function<bool()> serving,
                           base::Metrics& metrics)
    : options_(options),
      reader_(reader),
      extents_(std::move(extents)),
      serving_(std::move(serving)),
      metrics_(metrics) {}

LookupServer::~LookupServer() {
  stop();
}

base::Result<std::string> LookupServer::start() {
  running_ = std::make_unique<Running>(options_, reader_, extents_, serving_, metrics_);
  auto address = running_->start();
  if (!address) stop();
  return address;
}

void LookupServer::stop(std::chrono::steady_clock::time_point until) {
  if (running_ != nullptr) running_->stop(until);
}

void LookupServer::stop() {
  stop(std::chrono::steady_clock::now() + options_.drain_deadline);
}

}  // namespace armada_cache::projector
