#include "core/eventlog/kafka/group_directory.h"

#include <algorithm>
#include <string_view>

#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/errors.h"
#include "core/eventlog/kafka/member_assignment.h"

namespace armada_cache::eventlog::kafka {
namespace {

using GroupList = Owned<const rd_kafka_group_list, rd_kafka_group_list_destroy>;
using Members = std::vector<GroupMemberEntry>;

constexpr std::size_t kUuidBytes = 36;

base::Result<Members> members_of(const rd_kafka_group_info& group, const std::string& topic) {
  Members members;
  for (int i = 0; i < group.member_cnt; ++i) {
    const rd_kafka_group_member_info& member = group.members[i];
    const std::string_view bytes(
        static_cast<const char*>(member.member_assignment),
        static_cast<std::size_t>(std::max(member.member_assignment_size, 0)));
    auto partitions = assigned_of(bytes, topic);
    if (!partitions) {
      return base::fail(base::ErrorCode::kFailedPrecondition,
                        "Kafka: a member of group " + std::string(group.group) +
                            " has an assignment that is no consumer's; give the cache a group "
                            "name of its own");
    }
    members.push_back({member.client_id, *std::move(partitions), member.member_id});
  }
  return members;
}

}  // namespace

bool is_instance(const GroupMemberEntry& member, std::string_view instance_id) {
  const std::string& id = member.member_id;
  return id.size() == instance_id.size() + 1 + kUuidBytes && id.starts_with(instance_id) &&
         id[instance_id.size()] == '-';
}

base::Result<std::unique_ptr<GroupDirectory>> GroupDirectory::open(const KafkaLogOptions& options) {
  if (auto checked = check_properties(options.properties, rd_kafka_version()); !checked) {
    return tl::unexpected(checked.error());
  }
  auto client = Client::make_consumer("groups", control_properties(options));
  if (!client) return tl::unexpected(client.error());
  return std::unique_ptr<GroupDirectory>(new GroupDirectory(*std::move(client), options));
}

GroupDirectory::GroupDirectory(std::unique_ptr<Client> client, const KafkaLogOptions& options)
    : client_(std::move(client)), brokers_(options.brokers), timeout_(options.answer_timeout) {}

GroupDirectory::~GroupDirectory() = default;

base::Result<std::vector<Members>> GroupDirectory::describe(const std::vector<std::string>& groups,
                                                            const std::string& topic) {
  std::vector<Members> all;
  for (const std::string& group : groups) {
    auto members = describe(group, topic);
    if (!members) return tl::unexpected(members.error());
    all.push_back(*std::move(members));
  }
  return all;
}

// By the older of librdkafka's two interfaces: the newer one aborts the process when a group's
// coordinator goes away meanwhile.
base::Result<Members> GroupDirectory::describe(const std::string& group, const std::string& topic) {
  client_->forget_trouble();
  const rd_kafka_group_list* found = nullptr;
  const auto error = rd_kafka_list_groups(client_->get(), group.c_str(), &found,
                                          static_cast<int>(timeout_.count()));
  const GroupList list(found);
  client_->serve(std::chrono::milliseconds(0));
  const std::string what = "Kafka: cannot describe consumer group " + group + " of " + brokers_;
  // Of several brokers, some need not have answered.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTIAL) {
    if (is_passing(error)) return tl::unexpected(no_answer(what));
    return tl::unexpected(client_->error(error, what));
  }
  if (list->group_cnt == 0) return Members();
  const rd_kafka_group_info& told = list->groups[0];
  if (told.err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(client_->error(told.err, what));
  return members_of(told, topic);
}

base::Error GroupDirectory::no_answer(const std::string& what) const {
  const auto trouble = client_->trouble();
  return {trouble ? trouble->code : base::ErrorCode::kUnavailable,
          what + ": no answer within " + std::to_string(timeout_.count()) + " ms" +
              (trouble ? "; " + trouble->message : "")};
}

}  // namespace armada_cache::eventlog::kafka
