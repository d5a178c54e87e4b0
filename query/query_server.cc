#include "query/query_server.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <utility>
#include <vector>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/health_service.h"
#include "core/rpc/calls/reflection_service.h"
#include "core/rpc/leave.h"
#include "query/methods.h"
#include "query/services/cache_service.h"
#include "query/services/jobs_service.h"
#include "query/services/legacy_job_service.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;

const std::vector<std::string> kServices{"api.Jobs", "jobservice.JobService",
                                         "armada_cache.v1.Cache", "grpc.health.v1.Health",
                                         "grpc.reflection.v1alpha.ServerReflection"};

// Health is asked of each service, or with an empty name of the whole server.
std::vector<std::string> with_whole_server(std::vector<std::string> services) {
  services.emplace_back();
  return services;
}

rpc::CallQueue::Options call_options(const QueryOptions& options) {
  return {.call_deadline = options.call_deadline,
          .retry_after = options.retry_after,
          .max_calls = options.max_calls,
          .waiting_metric = "query_calls_waiting"};
}

Later on(const std::shared_ptr<base::TaskPool>& pool) {
  return [weak = std::weak_ptr(pool)](auto delay, auto work) {
    if (const auto threads = weak.lock()) threads->after(delay, std::move(work));
  };
}

}  // namespace

// Everything that lives from start to stop, in the order in which it must be built.
class QueryServer::Running {
 public:
  Running(const QueryOptions& options, lookup::JobReader& reader, eventlog::EventLog& log,
          const base::Clock& clock, base::Metrics& metrics)
      : options_(options),
        metrics_(metrics),
        gate_(rpc::make_gate(options.access)),
        pool_(std::make_shared<base::TaskPool>(
            base::TaskPool::Options{options.worker_threads, options.worker_queue_limit},
            &metrics.gauge("query_pool_queue_length", "Work that waits for a thread").Add({}))),
        later_(on(pool_)),
        subscriptions_(options.subscriptions, log, reader, clock, metrics, later_),
        jobs_(reader, subscriptions_, later_, jobs_options(clock)),
        legacy_(reader, subscriptions_, later_, jobs_options(clock).patience),
        cache_(reader, subscriptions_, {options.default_page_size, options.max_page_size}),
        calls_(call_options(options), builder_.AddCompletionQueue(), *gate_, *pool_, metrics),
        methods_({options.inline_ids, options.status_slots}, {jobs_, legacy_, cache_}, calls_,
                 *pool_),
        health_(
            {options.server.max_health_watches, options.server.max_health_watch_age}, calls_,
            [this] { return ready(); }, with_whole_server(kServices)),
        reflection_(calls_, kServices) {}

  base::Result<std::string> start() {
    auto listener = rpc::configure(builder_, options_.server, metrics_);
    if (!listener) return tl::unexpected(listener.error());
    listener_ = *std::move(listener);
    for (grpc::Service* service : methods_.grpc_services()) builder_.RegisterService(service);
    builder_.RegisterService(&health_.service());
    builder_.RegisterService(&reflection_.service());
    if (auto started = subscriptions_.start(); !started) return tl::unexpected(started.error());
    server_ = builder_.BuildAndStart();
    if (server_ == nullptr) {
      return base::fail(ErrorCode::kInternal,
                        "gRPC cannot start a server for " + options_.server.listen);
    }
    calls_.start();
    health_.watches().start();
    reflection_.streams().start();
    listener_->start();
    return listener_->address();
  }

  void stop(std::chrono::steady_clock::time_point until) {
    if (draining_.exchange(true)) return;
    if (server_ != nullptr) {
      health_.watches().end_all();
      reflection_.streams().end_all();
      listener_->stop();
      calls_.begin_leaving();
      if (rpc::ask_clients_to_leave(*server_)) calls_.wait_until_quiet(options_.drain_quiet, until);
      server_->Shutdown(std::chrono::system_clock::now() +
                        (until - std::chrono::steady_clock::now()));
      calls_.finish();
    }
    subscriptions_.stop();
    pool_->stop();
  }

  bool ready() const { return !draining_ && subscriptions_.caught_up(); }

 private:
  JobsOptions jobs_options(const base::Clock& clock) const {
    JobsOptions made;
    made.uri_search = {options_.max_jobs_of_uri, options_.max_pages_of_uri};
    made.patience = {options_.certainty_interval, options_.certainty_wait, &clock};
    return made;
  }

  const QueryOptions& options_;
  base::Metrics& metrics_;
  std::atomic<bool> draining_{false};
  const std::unique_ptr<rpc::AccessGate> gate_;
  const std::shared_ptr<base::TaskPool> pool_;
  const Later later_;
  SubscriptionService subscriptions_;
  JobsService jobs_;
  LegacyJobService legacy_;
  CacheService cache_;
  grpc::ServerBuilder builder_;
  rpc::CallQueue calls_;
  Methods methods_;
  rpc::HealthService health_;
  rpc::ReflectionService reflection_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<rpc::Listener> listener_;
};

QueryServer::QueryServer(const QueryOptions& options, lookup::JobReader& reader,
                         eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics)
    : options_(options), reader_(reader), log_(log), clock_(clock), metrics_(metrics) {}

QueryServer::~QueryServer() {
  stop();
}

base::Result<std::string> QueryServer::start() {
  running_ = std::make_unique<Running>(options_, reader_, log_, clock_, metrics_);
  auto address = running_->start();
  if (!address) stop();
  return address;
}

bool QueryServer::ready() const {
  return running_ != nullptr && running_->ready();
}

void QueryServer::stop(std::chrono::steady_clock::time_point until) {
  if (running_ != nullptr) running_->stop(until);
}

void QueryServer::stop() {
  stop(std::chrono::steady_clock::now() + options_.drain_deadline);
}

}  // namespace armada_cache::query
