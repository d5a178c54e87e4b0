#include "app/query_process.h"

#include "app/directory/projector_groups.h"
#include "app/kafka_start.h"
#include "core/rpc/calls/client_queue.h"
#include "query/remote/remote_reader.h"
#include "query/routing/learning_directory.h"
#include "query/routing/route.h"
#include "query/routing/static_directory.h"

namespace armada_cache::app {

using base::Status;

QueryProcess::QueryProcess(const QuerySettings& settings, base::Metrics& metrics)
    : settings_(settings), metrics_(metrics) {}

QueryProcess::~QueryProcess() {
  stop(std::chrono::steady_clock::now());
}

Status QueryProcess::start(Starting& starting) {
  auto log = start_kafka_log(settings_.kafka, settings_.topics, starting);
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  if (auto found = find_projectors(); !found) return found;
  calls_ = std::make_unique<rpc::ClientQueue>(rpc::ClientQueue::PolledBy::kServer);
  router_ =
      std::make_unique<query::RoutingReader>(settings_.routing, *directory_, connect(), metrics_);
  return starting.retry([this] { return serve(); });
}

Status QueryProcess::serve() {
  query_ = std::make_unique<query::QueryServer>(settings_.query, *router_, *log_,
                                                base::kSystemClock, metrics_, calls_.get(),
                                                [this] { return router_->reached().has_value(); });
  auto address = query_->start();
  if (!address) return tl::unexpected(address.error());
  grpc_address_ = *address;
  return {};
}

Status QueryProcess::find_projectors() {
  if (!settings_.projectors.empty()) {
    auto listed = query::StaticDirectory::parse(settings_.projectors, settings_.topics.partitions);
    if (!listed) return tl::unexpected(listed.error());
    directory_ = std::move(*listed);
    return {};
  }
  auto kafka = kafka_log_options(settings_.kafka);
  if (!kafka) return tl::unexpected(kafka.error());
  kafka->answer_timeout = settings_.directory_timeout;
  auto groups = eventlog::kafka::GroupDirectory::open(*kafka);
  if (!groups) return tl::unexpected(groups.error());
  groups_ = std::move(*groups);
  auto learning = std::make_unique<query::LearningDirectory>(
      settings_.directory,
      look_at_groups(*groups_, settings_.group_prefix,
                     parse_replica_groups(settings_.replica_groups)),
      metrics_);
  learning->start();
  directory_ = std::move(learning);
  return {};
}

query::RoutingReader::Connect QueryProcess::connect() {
  return [this](const std::string& target) -> base::Result<std::shared_ptr<lookup::JobReader>> {
    auto reader = query::RemoteReader::make(target, settings_.remote, *calls_);
    if (!reader) return tl::unexpected(reader.error());
    return std::shared_ptr<lookup::JobReader>(std::move(*reader));
  };
}

Status QueryProcess::ready() const {
  if (!query_->ready()) {
    return base::fail(base::ErrorCode::kUnavailable, "it is still reading the subscriptions");
  }
  const auto map = directory_->map();
  auto covered = query::cover(*map, {});
  if (covered) return router_->reached();
  return base::fail(base::ErrorCode::kUnavailable, covered.error().message + where_it_looked());
}

Status QueryProcess::sound() const {
  router_->look_around();
  return {};
}

// A group that may not be described looks empty.
std::string QueryProcess::where_it_looked() const {
  if (!groups_) return {};
  std::string looked;
  for (const std::string& group : parse_replica_groups(settings_.replica_groups)) {
    looked += looked.empty() ? "; looked for members of consumer group " : ", ";
    looked += projector_group(settings_.group_prefix, group);
  }
  if (settings_.kafka.sasl_user.empty()) return looked;
  return looked + ", which looks empty without the right Describe on it (kafka-acls.sh --add " +
         "--allow-principal User:" + settings_.kafka.sasl_user + " ...)";
}

// Whatever was accepted may still ask projectors.
void QueryProcess::stop(std::chrono::steady_clock::time_point until) {
  if (query_) query_->stop(until);
  if (calls_) calls_->stop();
}

}  // namespace armada_cache::app
