#include "query/query_server.h"

#include <optional>
#include <utility>

#include "core/rpc/calls/call_server.h"
#include "core/rpc/calls/client_queue.h"
#include "query/methods.h"
#include "query/services/cache_service.h"
#include "query/services/jobs_service.h"
#include "query/services/legacy_job_service.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

Later on(const std::shared_ptr<base::TaskPool>& pool) {
  return [weak = std::weak_ptr(pool)](auto delay, auto work) {
    if (const auto threads = weak.lock()) threads->after(delay, std::move(work));
  };
}

}  // namespace

// Everything that lives from start to stop.
class QueryServer::Running {
 public:
  Running(const QueryOptions& options, lookup::JobReader& reader, eventlog::EventLog& log,
          const base::Clock& clock, base::Metrics& metrics, std::function<bool()> reachable)
      : pool_(std::make_shared<base::TaskPool>(
            base::TaskPool::Options{options.server.worker_threads,
                                    options.server.worker_queue_limit},
            &metrics.gauge("query_pool_queue_length", "Work that waits for a thread").Add({}))),
        later_(on(pool_)),
        subscriptions_(options.subscriptions, log, reader, clock, metrics, later_),
        jobs_(reader, subscriptions_, later_, jobs_options(options, clock)),
        legacy_(reader, subscriptions_, later_, jobs_options(options, clock).patience),
        cache_(reader, subscriptions_, {options.default_page_size, options.max_page_size}),
        server_(
            options.server,
            {.services = {"api.Jobs", "jobservice.JobService", "armada_cache.v1.Cache"},
             .waiting_metric = "query_calls_waiting"},
            [this, reachable = std::move(reachable)] {
              return subscriptions_.caught_up() && reachable();
            },
            *pool_, metrics) {
    methods_.emplace(MethodOptions{options.inline_ids, options.status_slots},
                     Services{jobs_, legacy_, cache_}, server_.calls(), *pool_);
  }

  void share_queue(rpc::ClientQueue& asking) { asking.share(server_.calls()); }

  base::Result<std::string> start() {
    for (grpc::Service* service : methods_->grpc_services()) server_.add(*service);
    if (auto started = subscriptions_.start(); !started) return tl::unexpected(started.error());
    return server_.start();
  }

  void stop(std::chrono::steady_clock::time_point until) {
    server_.stop(until);
    subscriptions_.stop();
    pool_->stop();
  }

  bool ready() const { return !server_.draining() && subscriptions_.caught_up(); }

 private:
  static JobsOptions jobs_options(const QueryOptions& options, const base::Clock& clock) {
    JobsOptions made;
    made.uri_search = {options.max_jobs_of_uri, options.max_pages_of_uri};
    made.patience = {options.certainty_interval, options.certainty_wait, &clock};
    return made;
  }

  const std::shared_ptr<base::TaskPool> pool_;
  const Later later_;
  SubscriptionService subscriptions_;
  JobsService jobs_;
  LegacyJobService legacy_;
  CacheService cache_;
  std::optional<Methods> methods_;  // goes after the server
  rpc::CallServer server_;
};

QueryServer::QueryServer(const QueryOptions& options, lookup::JobReader& reader,
                         eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics,
                         rpc::ClientQueue* asking, std::function<bool()> reachable)
    : options_(options),
      reader_(reader),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      asking_(asking),
      reachable_(std::move(reachable)) {}

QueryServer::~QueryServer() {
  stop();
}

base::Result<std::string> QueryServer::start() {
  running_ = std::make_unique<Running>(options_, reader_, log_, clock_, metrics_, reachable_);
  if (asking_ != nullptr) running_->share_queue(*asking_);
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
  stop(std::chrono::steady_clock::now() + options_.server.drain_deadline);
}

}  // namespace armada_cache::query
