#include "core/eventlog/kafka/group_directory.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/errors.h"

namespace armada_cache::eventlog::kafka {
namespace {

constexpr std::size_t kErrorTextSize = 512;
// librdkafka's own time-out says more than ours, so it comes first.
constexpr std::chrono::milliseconds kMargin{200};

using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using Members = std::vector<GroupMemberEntry>;

std::vector<Partition> partitions_of(const rd_kafka_MemberDescription_t* member,
                                     const std::string& topic) {
  std::vector<Partition> partitions;
  const auto* assignment = rd_kafka_MemberDescription_assignment(member);
  const auto* list =
      assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (topic == list->elems[i].topic) partitions.push_back(list->elems[i].partition);
  }
  std::ranges::sort(partitions);
  return partitions;
}

base::Result<Members> members_of(const rd_kafka_ConsumerGroupDescription_t* group,
                                 const std::string& topic, const std::string& brokers) {
  Members members;
  if (const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(group)) {
    const auto code = rd_kafka_error_code(error);
    if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) return members;
    const std::string what = "Kafka: cannot describe consumer group " +
                             std::string(rd_kafka_ConsumerGroupDescription_group_id(group)) +
                             " of " + brokers;
    return tl::unexpected(to_error(code, what, rd_kafka_error_string(error)));
  }
  const std::size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* member = rd_kafka_ConsumerGroupDescription_member(group, i);
    members.push_back({rd_kafka_MemberDescription_client_id(member), partitions_of(member, topic)});
  }
  return members;
}

}  // namespace

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
  std::vector<const char*> names;
  names.reserve(groups.size());
  for (const std::string& group : groups) names.push_back(group.c_str());
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  std::array<char, kErrorTextSize> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout_.count()),
                                            text.data(), text.size());
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  client_->forget_trouble();
  rd_kafka_DescribeConsumerGroups(client_->get(), names.data(), names.size(), options.get(),
                                  queue.get());
  const EventHandle event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>((timeout_ + kMargin).count())));
  client_->serve(std::chrono::milliseconds(0));
  if (!event) return tl::unexpected(no_answer());
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (is_passing(error)) return tl::unexpected(no_answer());
    return tl::unexpected(to_error(error, "Kafka: cannot describe consumer groups",
                                   rd_kafka_event_error_string(event.get())));
  }
  std::size_t count = 0;
  const auto* const* found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  std::vector<Members> all(groups.size());
  for (std::size_t i = 0; i < count; ++i) {
    auto members = members_of(found[i], topic, brokers_);
    if (!members) return tl::unexpected(members.error());
    const auto at = std::ranges::find(groups, rd_kafka_ConsumerGroupDescription_group_id(found[i]));
    if (at != groups.end()) all[static_cast<std::size_t>(at - groups.begin())] = *members;
  }
  return all;
}

base::Error GroupDirectory::no_answer() const {
  const auto trouble = client_->trouble();
  return {trouble ? trouble->code : base::ErrorCode::kUnavailable,
          "Kafka: cannot describe consumer groups: no answer of " + brokers_ + " within " +
              std::to_string(timeout_.count()) + " ms" + (trouble ? "; " + trouble->message : "")};
}

}  // namespace armada_cache::eventlog::kafka
