#include "app/projector_process.h"

#include "app/group/former_member.h"
#include "app/kafka_start.h"

namespace armada_cache::app {
ProjectorProcess::ProjectorProcess(const ProjectorSettings& settings, base::Metrics& metrics)
    : settings_(settings), metrics_(metrics) {}

base::Status ProjectorProcess::start(Starting& starting) {
  if (auto held = starting.retry([this] { return hold_folder(); }); !held) return held;
  auto log = start_kafka_log(settings_.kafka, settings_.topics, starting);
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  if (auto opened = starting.retry([this] { return open(); }); !opened) return opened;
  if (auto started = projector_->start(); !started) return started;
  if (auto serving = serve(); !serving) return serving;
  return settings_.partitions_here.empty() ? join_group(starting) : base::Status();
}

// Before it takes the place in the group of whoever has the folder.
base::Status ProjectorProcess::hold_folder() {
  auto held = base::FolderLock::take(settings_.projector.data_dir);
  if (!held) return tl::unexpected(held.error());
  folder_ = std::move(*held);
  return {};
}

base::Status ProjectorProcess::open() {
  auto opened =
      projector::Projector::open(settings_.projector, *log_, base::kSystemClock, metrics_);
  if (!opened) return tl::unexpected(opened.error());
  projector_ = std::move(*opened);
  return {};
}

base::Status ProjectorProcess::serve() {
  lookups_ = std::make_unique<projector::LookupServer>(
      settings_.lookups, projector_->reader(), [this] { return projector_->extents(); }, metrics_);
  auto address = lookups_->start();
  if (!address) return tl::unexpected(address.error());
  grpc_address_ = *address;
  return {};
}

// What it has not taken yet, nobody asks it for: it is in the group by the address that it has.
base::Status ProjectorProcess::join_group(Starting& starting) {
  const auto kafka = kafka_log_options(settings_.kafka);
  if (!kafka) return tl::unexpected(kafka.error());
  GroupShareOptions options = settings_.group.share;
  if (options.member.client_id.empty()) options.member.client_id = grpc_address_;
  auto groups = eventlog::kafka::GroupDirectory::open(*kafka);
  if (!groups) return tl::unexpected(groups.error());
  auto free = starting.retry([&] { return free_to_join(**groups, options.member); });
  if (!free) return free;
  auto share = GroupShare::join(
      "projector", *kafka, options,
      {.take =
           [this](const auto& partitions, std::int64_t, const auto& give_up) {
             return projector_->take({partitions.begin(), partitions.end()}, give_up);
           },
       .release =
           [this](const auto& partitions, bool) {
             projector_->release({partitions.begin(), partitions.end()});
           }});
  if (!share) return tl::unexpected(share.error());
  share_ = std::move(*share);
  return {};
}

base::Status ProjectorProcess::ready() const {
  if (share_) {
    if (auto settled = share_->settled(); !settled) return settled;
    if (projector_->partitions().empty()) return {};
  }
  if (auto near = projector_->ready(); !near) return near;
  const base::Time shown = projector_->shown_up_to();
  const auto lag = base::kSystemClock.now() - shown;
  if (lag <= settings_.ready_lag) return projector_->advances();
  const bool never = shown == base::Time{};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lag).count();
  return base::fail(base::ErrorCode::kUnavailable,
                    never ? "the projection has not read the log to its end yet"
                          : "the projection is " + std::to_string(seconds) + " s behind the log");
}

// Lookups first: nothing may take from the time in which they end.
void ProjectorProcess::stop(std::chrono::steady_clock::time_point until) {
  if (lookups_) lookups_->stop(until);
  if (share_) share_->stop();
  if (share_) share_->leave();
  if (projector_) projector_->stop(until);
}

}  // namespace armada_cache::app
