#include "app/group/group_share.h"

#include <algorithm>
#include <utility>

namespace armada_cache::app {

using eventlog::Partition;
using eventlog::PartitionHolder;
using eventlog::kafka::GroupMember;

base::Result<std::unique_ptr<GroupShare>> GroupShare::join(
    std::string name, const eventlog::kafka::KafkaLogOptions& log, const GroupShareOptions& options,
    PartitionHolder holder) {
  std::unique_ptr<GroupShare> share(new GroupShare(std::move(name), options, std::move(holder)));
  auto member = GroupMember::join(log, options.member, share->events());
  if (!member) return tl::unexpected(member.error());
  const std::lock_guard lock(share->mutex_);
  share->member_ = std::move(*member);
  return share;
}

GroupShare::GroupShare(std::string name, const GroupShareOptions& options, PartitionHolder holder)
    : keeper_(std::move(name), options.handover, watched(std::move(holder))) {}

GroupShare::~GroupShare() {
  stop();
  leave();
}

base::Status GroupShare::settled() const {
  const std::lock_guard lock(mutex_);
  if (!member_) return base::fail(base::ErrorCode::kUnavailable, "left the group");
  if (auto standing = member_->standing(); !standing) return standing;
  if (own_ && std::ranges::includes(held_, *own_)) return {};
  const std::string why = trouble_.empty() ? "" : ": " + trouble_;
  return base::fail(base::ErrorCode::kUnavailable, "partitions are being taken over" + why);
}

base::Status GroupShare::sound() const {
  const std::lock_guard lock(mutex_);
  if (!member_) return {};
  auto standing = member_->standing();
  if (standing) return {};
  const base::ErrorCode code = standing.error().code;
  const bool for_good =
      code == base::ErrorCode::kAlreadyExists || code == base::ErrorCode::kFailedPrecondition;
  return for_good ? standing : base::Status();
}

void GroupShare::stop() {
  keeper_.stop();
}

// Not under the lock: it waits for what the member is telling.
void GroupShare::leave() {
  std::unique_ptr<GroupMember> member;
  {
    const std::lock_guard lock(mutex_);
    member = std::move(member_);
  }
}

PartitionHolder GroupShare::watched(PartitionHolder holder) {
  return {.take =
              [this, take = std::move(holder.take)](const std::set<Partition>& partitions,
                                                    std::int64_t generation, const auto& give_up) {
                auto taken = take(partitions, generation, give_up);
                const std::lock_guard lock(mutex_);
                if (taken) held_.insert(partitions.begin(), partitions.end());
                trouble_ = taken ? "" : taken.error().message;
                return taken;
              },
          .release =
              [this, release = std::move(holder.release)](const std::set<Partition>& partitions,
                                                          bool lost) {
                {
                  const std::lock_guard lock(mutex_);
                  for (const Partition partition : partitions) held_.erase(partition);
                }
                release(partitions, lost);
              }};
}

eventlog::kafka::GroupEvents GroupShare::events() {
  return {.assigned = [this](const auto& partitions,
                             std::int64_t generation) { assigned(partitions, generation); },
          .revoked =
              [this] {
                sharing_anew();
                keeper_.revoked();
              },
          .lost =
              [this] {
                sharing_anew();
                keeper_.lost();
              }};
}

void GroupShare::assigned(const std::set<Partition>& partitions, std::int64_t generation) {
  {
    const std::lock_guard lock(mutex_);
    own_ = partitions;
  }
  keeper_.assigned(partitions, generation);
}

void GroupShare::sharing_anew() {
  const std::lock_guard lock(mutex_);
  own_.reset();
}

}  // namespace armada_cache::app
