// The composition root of `armada-cache query`.
#pragma once

#include <memory>
#include <string>

#include "app/service.h"
#include "app/settings/tiers.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/group_directory.h"
#include "query/query_server.h"
#include "query/routing/partition_directory.h"
#include "query/routing/routing_reader.h"

namespace armada_cache::rpc {
class ClientQueue;
}

namespace armada_cache::app {

class QueryProcess final : public Service {
 public:
  // The settings are checked; they and the metrics must outlive it.
  QueryProcess(const QuerySettings& settings, base::Metrics& metrics);
  ~QueryProcess() override;

  base::Status start(Starting& starting) override;
  // The subscriptions are read, and for each partition a projector is known, and any is reached.
  base::Status ready() const override;
  // Nothing here ends it; as it is asked regularly, it looks which projectors can be reached.
  base::Status sound() const override;
  void update_metrics() override {}
  std::string listens_on() const override { return "grpc " + grpc_address_; }
  void stop(std::chrono::steady_clock::time_point until) override;

 private:
  base::Status find_projectors();
  base::Status serve();
  query::RoutingReader::Connect connect();
  std::string where_it_looked() const;

  const QuerySettings& settings_;
  base::Metrics& metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<eventlog::kafka::GroupDirectory> groups_;  // none where projectors are given
  std::unique_ptr<query::PartitionDirectory> directory_;
  std::unique_ptr<rpc::ClientQueue> calls_;
  std::unique_ptr<query::RoutingReader> router_;
  std::unique_ptr<query::QueryServer> query_;
  std::string grpc_address_;
};

}  // namespace armada_cache::app
