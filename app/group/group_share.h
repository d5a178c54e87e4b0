// What a consumer group shares out to this process: taken and released as the group says.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/eventlog/kafka/group_member.h"
#include "core/eventlog/partition_keeper.h"

namespace armada_cache::app {

struct GroupShareOptions {
  eventlog::kafka::GroupOptions member;
  eventlog::HandoverOptions handover;
};

// Thread-safe.
class GroupShare {
 public:
  // Joins in the background. `name` is for the log. Errors as of GroupMember::join.
  static base::Result<std::unique_ptr<GroupShare>> join(std::string name,
                                                        const eventlog::kafka::KafkaLogOptions& log,
                                                        const GroupShareOptions& options,
                                                        eventlog::PartitionHolder holder);
  ~GroupShare();  // leaves
  GroupShare(const GroupShare&) = delete;
  GroupShare& operator=(const GroupShare&) = delete;

  // Whether it is a member that has taken all that is its own. kUnavailable: not yet, or not now,
  // and why; others as of GroupMember::standing.
  base::Status settled() const;
  // Whether it can ever settle. kAlreadyExists: another process has taken its place for good;
  // kFailedPrecondition: the group does not take it as it is set.
  base::Status sound() const;

  // Takes and releases nothing any more, but stays a member: nobody else gets what it holds.
  void stop();
  // After stop().
  void leave();

 private:
  GroupShare(std::string name, const GroupShareOptions& options, eventlog::PartitionHolder holder);

  eventlog::PartitionHolder watched(eventlog::PartitionHolder holder);
  eventlog::kafka::GroupEvents events();
  void assigned(const std::set<eventlog::Partition>& partitions, std::int64_t generation);
  void sharing_anew();

  mutable std::mutex mutex_;
  std::optional<std::set<eventlog::Partition>> own_;  // none while it is not known
  std::set<eventlog::Partition> held_;
  std::string trouble_;  // with the last that was to be taken
  eventlog::PartitionKeeper keeper_;
  std::unique_ptr<eventlog::kafka::GroupMember> member_;
};

}  // namespace armada_cache::app
