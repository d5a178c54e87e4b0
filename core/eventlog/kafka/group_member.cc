#include "core/eventlog/kafka/group_member.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/log.h"
#include "core/eventlog/kafka/client.h"
#include "core/eventlog/kafka/client_settings.h"
#include "core/eventlog/kafka/errors.h"
#include "core/eventlog/kafka/group_generation.h"

namespace armada_cache::eventlog::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTurn{100};

base::Status check(const GroupOptions& options) {
  if (options.group.empty() || options.topic.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "a consumer group and its topic need names");
  }
  if (options.heartbeat_interval <= milliseconds(0) ||
      options.heartbeat_interval * 2 > options.session_timeout) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "the heartbeat interval of consumer group " + options.group + ", " +
                          std::to_string(options.heartbeat_interval.count()) +
                          " ms, must be more than 0 and at most half of its session time-out, " +
                          std::to_string(options.session_timeout.count()) + " ms");
  }
  return {};
}

}  // namespace

class GroupMember::Impl {
 public:
  Impl(GroupOptions options, GroupEvents events)
      : options_(std::move(options)),
        events_(std::move(events)),
        standing_(base::fail(base::ErrorCode::kUnavailable,
                             "joining consumer group " + options_.group)) {}

  ~Impl() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  base::Status start(const KafkaLogOptions& kafka) {
    auto client = Client::make_consumer(
        "member", member_properties(kafka, options_),
        [this](rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
          on_rebalance(what, partitions);
        });
    if (!client) return tl::unexpected(client.error());
    client_ = std::move(*client);
    rd_kafka_poll_set_consumer(client_->get());
    if (auto subscribed = subscribe(); !subscribed) return subscribed;
    thread_ = std::thread([this] { run(); });
    return {};
  }

  base::Status standing() const {
    const std::lock_guard lock(mutex_);
    return standing_;
  }

 private:
  void run() {
    last_turn_ = steady_clock::now();
    while (!stopping_ && !ended()) {
      const MessageHandle message(
          rd_kafka_consumer_poll(client_->get(), static_cast<int>(kTurn.count())));
      note_turn();
      if (held_up_) rejoin();
      if (message && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        complain(error(message->err, rd_kafka_message_errstr(message.get())));
      }
      if (const auto trouble = client_->trouble()) complain(*trouble);
    }
    leave();
    client_.reset();
  }

  // Whoever was held up for as long as a session may have been given up for dead.
  void note_turn() {
    const auto now = steady_clock::now();
    const auto gap = now - std::exchange(last_turn_, now);
    if (gap < options_.session_timeout || stopping_) return;
    base::log_warn(
        "held up for longer than a session of the group",
        {{"group", options_.group}, {"ms", std::chrono::duration_cast<milliseconds>(gap).count()}});
    held_up_ = true;
    lose();
  }

  base::Status subscribe() {
    const PartitionList topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), options_.topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto subscribed = rd_kafka_subscribe(client_->get(), topics.get());
    if (subscribed != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(error(subscribed));
    return {};
  }

  // The group need not have noticed: then it would tell nothing. Whoever subscribes again joins
  // again, without leaving.
  void rejoin() {
    auto subscribed = subscribe();
    held_up_ = !subscribed;
    if (!subscribed) complain(std::move(subscribed.error()));
  }

  void on_rebalance(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
    note_turn();
    // Nothing is to be fetched: so it is an empty list that is taken up.
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      const auto generation = generation_of(client_->get(), options_.group, options_.instance_id);
      const PartitionList none(rd_kafka_topic_partition_list_new(0));
      rd_kafka_assign(client_->get(), none.get());
      return assign(partitions, generation.value_or(0));
    }
    const bool lost = what != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS ||
                      rd_kafka_assignment_lost(client_->get()) != 0;
    rd_kafka_assign(client_->get(), nullptr);
    if (stopping_) return;
    if (lost) return lose();
    set_standing(base::fail(base::ErrorCode::kUnavailable, "consumer group " + options_.group +
                                                               " shares out its partitions anew"));
    events_.revoked();
  }

  void assign(const rd_kafka_topic_partition_list_t& partitions, std::int64_t generation) {
    if (stopping_) return;
    std::set<Partition> own;
    for (int i = 0; i < partitions.cnt; ++i) own.insert(partitions.elems[i].partition);
    base::log_info("partitions of a group", {{"group", options_.group},
                                             {"topic", options_.topic},
                                             {"partitions", own.size()},
                                             {"generation", generation}});
    client_->forget_trouble();
    complained_.clear();
    set_standing({});
    events_.assigned(own, generation);
  }

  void lose() {
    set_standing(base::fail(base::ErrorCode::kUnavailable,
                            "the session in consumer group " + options_.group + " was lost"));
    events_.lost();
  }

  bool ended() {
    const auto fatal = client_->fatal();
    if (!fatal) return false;
    base::Error why{base::ErrorCode::kAlreadyExists,
                    "no member of consumer group " + options_.group +
                        " any more: " + fatal->message +
                        "; another process has joined as instance '" + options_.instance_id +
                        "': give each process an instance id of its own, then restart this one"};
    base::log_error("out of a group", {{"group", options_.group}, {"error", why.message}});
    set_standing(tl::unexpected(std::move(why)));
    events_.lost();
    stopping_ = true;
    return true;
  }

  // librdkafka's own close may hang: this one is given up after a while. The group then learns it
  // from the end of the session.
  void leave() {
    const QueueHandle queue(rd_kafka_queue_new(client_->get()));
    const ErrorHandle refused(rd_kafka_consumer_close_queue(client_->get(), queue.get()));
    if (refused) return;
    const auto deadline = steady_clock::now() + options_.leave_timeout;
    while (rd_kafka_consumer_closed(client_->get()) == 0 && steady_clock::now() < deadline) {
      rd_kafka_queue_poll_callback(queue.get(), static_cast<int>(kTurn.count()));
    }
  }

  base::Error error(rd_kafka_resp_err_t code, const char* reason = nullptr) const {
    const bool denied = code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    const std::string what = "consumer group " + options_.group + (denied ? " (right Read)" : "") +
                             " on topic " + options_.topic;
    return reason == nullptr ? client_->error(code, what) : client_->error(code, what, reason);
  }

  // Members stay what they are through passing trouble: librdkafka says when that is over.
  void complain(base::Error error) {
    if (complained_ != error.message) {
      base::log_warn("trouble with a group", {{"group", options_.group}, {"error", error.message}});
    }
    complained_ = error.message;
    const std::lock_guard lock(mutex_);
    if (!standing_) standing_ = tl::unexpected(std::move(error));
  }

  void set_standing(base::Status standing) {
    const std::lock_guard lock(mutex_);
    standing_ = std::move(standing);
  }

  const GroupOptions options_;
  const GroupEvents events_;
  std::unique_ptr<Client> client_;
  steady_clock::time_point last_turn_;
  bool held_up_ = false;    // and has not joined again since
  std::string complained_;  // the last complaint
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  base::Status standing_;
  std::thread thread_;
};

base::Result<std::unique_ptr<GroupMember>> GroupMember::join(const KafkaLogOptions& kafka,
                                                             const GroupOptions& options,
                                                             GroupEvents events) {
  if (auto checked = check(options); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_properties(kafka.properties, rd_kafka_version()); !checked) {
    return tl::unexpected(checked.error());
  }
  auto impl = std::make_unique<Impl>(options, std::move(events));
  if (auto started = impl->start(kafka); !started) return tl::unexpected(started.error());
  return std::unique_ptr<GroupMember>(new GroupMember(std::move(impl)));
}

GroupMember::GroupMember(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GroupMember::~GroupMember() = default;

base::Status GroupMember::standing() const {
  return impl_->standing();
}

}  // namespace armada_cache::eventlog::kafka
