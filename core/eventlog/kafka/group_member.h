// Membership in a consumer group that shares out the partitions of a topic. It reads nothing:
// readers do that, from positions that are kept with the state.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/eventlog/kafka/kafka_log.h"

namespace armada_cache::eventlog::kafka {

struct GroupOptions {
  std::string group;
  std::string topic;        // whose partitions are shared out; it must exist
  std::string client_id{};  // what others read of this member in the group's description
  // A member that comes back under its name within the session's time finds its partitions again,
  // and leaves none behind when it goes. Empty: it gets a new name each time, and gives up its
  // partitions at once when it goes.
  std::string instance_id{};
  std::chrono::milliseconds session_timeout{6'000};   // silent for so long, it is a member no more
  std::chrono::milliseconds heartbeat_interval{500};  // also how soon it learns of a new sharing
  std::chrono::milliseconds rebalance_timeout{30'000};  // the others wait so long for it
  // Leaving is given up after so long; where a broker stalls it takes the 5 s of librdkafka's own
  // request all the same.
  std::chrono::milliseconds leave_timeout{3'000};
};

// What a member is told, on its thread, which must not be held up.
struct GroupEvents {
  // All partitions that are its own from here on, perhaps none. Generations grow by one with each
  // sharing of a group; 0 where it is not known.
  std::function<void(const std::set<Partition>& partitions, std::int64_t generation)> assigned;
  // They are shared out anew: assigned() follows. Nobody else has them before that.
  std::function<void()> revoked;
  // Others may have its partitions already: the session is over, or this process was held up for as
  // long as one. It joins anew by itself, unless standing() says kFailedPrecondition.
  std::function<void()> lost;
};

class GroupMember {
 public:
  // Joins in the background, for as long as it takes. kInvalidArgument: a property or a time that
  // cannot be.
  static base::Result<std::unique_ptr<GroupMember>> join(const KafkaLogOptions& kafka,
                                                         const GroupOptions& options,
                                                         GroupEvents events);
  // Leaves. Nothing is told any more.
  ~GroupMember();
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  // Whether it is a member whose partitions are known. Thread-safe.
  //   kUnavailable        not yet, or not now
  //   kUnauthenticated, kPermissionDenied, kNotFound   tried again
  //   kFailedPrecondition the group's settings are not what the brokers, or its members, take
  //   kAlreadyExists      another process has taken the instance id: over for good
  base::Status standing() const;

 private:
  class Impl;
  explicit GroupMember(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::eventlog::kafka
