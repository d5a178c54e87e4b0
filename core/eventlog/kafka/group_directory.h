// Who is in a consumer group, and what of a topic each has, as the cluster tells it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "core/eventlog/record.h"

namespace armada_cache::eventlog::kafka {

class Client;

struct GroupMemberEntry {
  std::string client_id;
  std::vector<Partition> partitions;  // of the topic asked about; ascending
  std::string member_id{};            // which the brokers gave it
};

// Whether it joined under this instance id: brokers name such members INSTANCE-UUID.
bool is_instance(const GroupMemberEntry& member, std::string_view instance_id);

// Thread-safe. It belongs to no group itself.
class GroupDirectory {
 public:
  // Does not wait for the brokers. Errors as of open_kafka_log.
  static base::Result<std::unique_ptr<GroupDirectory>> open(const KafkaLogOptions& options);
  ~GroupDirectory();

  // The members of each of these groups, in the order asked for; none of a group that there is not,
  // or for which the right Describe is missing. While a group shares out its partitions, its
  // members are told with none, or with those that they had before. Waits for answer_timeout for
  // each group, at most. kUnavailable, kUnauthenticated; kFailedPrecondition names a group that is
  // not one of consumers.
  base::Result<std::vector<std::vector<GroupMemberEntry>>> describe(
      const std::vector<std::string>& groups, const std::string& topic);

 private:
  GroupDirectory(std::unique_ptr<Client> client, const KafkaLogOptions& options);
  base::Result<std::vector<GroupMemberEntry>> describe(const std::string& group,
                                                       const std::string& topic);
  base::Error no_answer(const std::string& what) const;

  const std::unique_ptr<Client> client_;
  const std::string brokers_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace armada_cache::eventlog::kafka
