#include "core/rpc/calls/call_server.h"

#include <utility>

#include "core/rpc/leave.h"

namespace armada_cache::rpc {
namespace {

CallQueue::Options call_options(const CallServerOptions& options,
                                const CallServer::Traits& traits) {
  return {.call_deadline = options.call_deadline,
          .retry_after = options.retry_after,
          .max_calls = options.max_calls,
          .waiting_metric = traits.waiting_metric,
          .tells_as_of = traits.tells_as_of};
}

std::vector<std::string> with_common(std::vector<std::string> services) {
  services.emplace_back("grpc.health.v1.Health");
  services.emplace_back("grpc.reflection.v1alpha.ServerReflection");
  return services;
}

// Health is asked of each service, or with an empty name of the whole server.
std::vector<std::string> with_whole_server(std::vector<std::string> services) {
  services.emplace_back();
  return services;
}

}  // namespace

CallServer::CallServer(const CallServerOptions& options, const Traits& traits,
                       std::function<bool()> serving, base::TaskPool& pool, base::Metrics& metrics)
    : options_(options),
      metrics_(metrics),
      gate_(make_gate(options.access)),
      calls_(call_options(options, traits), builder_.AddCompletionQueue(), *gate_, pool, metrics),
      health_(
          {options.transport.max_health_watches, options.transport.max_health_watch_age}, calls_,
          [this, serving = std::move(serving)] { return !draining_ && serving(); },
          with_whole_server(with_common(traits.services))),
      reflection_(calls_, with_common(traits.services)) {}

base::Result<std::string> CallServer::start() {
  auto listener = configure(builder_, options_.transport, metrics_);
  if (!listener) return tl::unexpected(listener.error());
  listener_ = *std::move(listener);
  add(health_.service());
  add(reflection_.service());
  server_ = builder_.BuildAndStart();
  if (server_ == nullptr) {
    return base::fail(base::ErrorCode::kInternal,
                      "gRPC cannot start a server for " + options_.transport.listen);
  }
  calls_.start();
  health_.watches().start();
  reflection_.streams().start();
  listener_->start();
  return listener_->address();
}

void CallServer::stop(std::chrono::steady_clock::time_point until) {
  if (draining_.exchange(true) || server_ == nullptr) return;
  health_.watches().end_all();
  reflection_.streams().end_all();
  listener_->stop();
  calls_.begin_leaving();
  if (ask_clients_to_leave(*server_)) calls_.wait_until_quiet(options_.drain_quiet, until);
  server_->Shutdown(std::chrono::system_clock::now() + (until - std::chrono::steady_clock::now()));
  calls_.finish();
}

}  // namespace armada_cache::rpc
