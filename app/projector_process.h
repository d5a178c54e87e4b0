// The composition root of `armada-cache projector`.
#pragma once

#include <memory>
#include <string>

#include "app/group/group_share.h"
#include "app/service.h"
#include "app/settings/tiers.h"
#include "core/base/folder_lock.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "projector/projector.h"
#include "projector/rpc/lookup_server.h"

namespace armada_cache::app {

class ProjectorProcess final : public Service {
 public:
  // The settings are checked; they and the metrics must outlive it.
  ProjectorProcess(const ProjectorSettings& settings, base::Metrics& metrics);

  base::Status start(Starting& starting) override;
  // What the group gives it is here, and what is shown is not older than ready-lag.
  base::Status ready() const override;
  base::Status sound() const override { return share_ ? share_->sound() : base::Status(); }
  void update_metrics() override {}
  std::string listens_on() const override { return "grpc " + grpc_address_; }
  void stop(std::chrono::steady_clock::time_point until) override;

 private:
  base::Status hold_folder();
  base::Status open();
  base::Status serve();
  base::Status join_group(Starting& starting);

  const ProjectorSettings& settings_;
  base::Metrics& metrics_;
  base::FolderLock folder_;  // while the databases are open
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<projector::Projector> projector_;
  std::unique_ptr<projector::LookupServer> lookups_;
  std::string grpc_address_;
  std::unique_ptr<GroupShare> share_;  // none where the partitions are given
};

}  // namespace armada_cache::app
