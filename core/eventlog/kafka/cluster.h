// What is asked of the cluster: its topics, their settings, offsets. Each question waits for the
// answer, for a bounded time.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/client.h"

namespace armada_cache::eventlog::kafka {

struct TopicDescription {
  Partition partitions = 0;
  int copies = 0;  // of the partition that has the fewest
  std::map<std::string, std::string> settings;
};

// Thread-safe. Errors: kUnavailable, kUnauthenticated, kPermissionDenied, kNotFound.
class Cluster {
 public:
  // `brokers` are named where they do not answer within `timeout`.
  Cluster(std::unique_ptr<Client> client, std::string brokers, std::chrono::milliseconds timeout)
      : client_(std::move(client)), brokers_(std::move(brokers)), timeout_(timeout) {}

  // Without the settings. Empty where there is no such topic; waits for one in the making.
  base::Result<std::optional<TopicDescription>> describe(const std::string& topic);
  // Waits for it where there is none yet.
  base::Result<TopicDescription> wait_for(const std::string& topic);

  base::Result<std::map<std::string, std::string>> settings(const std::string& topic);

  // kAlreadyExists: somebody was faster.
  base::Status create(const std::string& topic, const TopicDescription& as);

  base::Result<Offset> start_offset(const TopicPartition& of) { return start_offset(of, timeout_); }
  // The same for who cannot wait so long.
  base::Result<Offset> start_offset(const TopicPartition& of, std::chrono::milliseconds wait);
  base::Result<Offset> end_offset(const TopicPartition& of, std::chrono::milliseconds wait);

  // Asks for all of them once, and where that fails for each alone, a bounded time. What the answer
  // lacks may be asked again.
  using Ends = std::map<TopicPartition, base::Result<Offset>>;
  Ends look_for_ends(const std::set<TopicPartition>& of);

  // Runs what librdkafka has to tell of this client; every now and then.
  void serve() { client_->serve(std::chrono::milliseconds(0)); }

 private:
  // One question, asked for `wait` at most; an empty answer is asked again.
  template <typename Answer>
  using Ask = std::function<std::optional<base::Result<Answer>>(int wait_ms)>;

  using AdminRequest = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

  template <typename Answer>
  base::Result<Answer> ask(const std::string& what, const Ask<Answer>& question) {
    return ask(what, question, timeout_);
  }
  template <typename Answer>
  base::Result<Answer> ask(const std::string& what, const Ask<Answer>& question,
                           std::chrono::milliseconds timeout);
  // Whether each was answered; adds what was, if it was.
  bool look_for_ends(const std::set<TopicPartition>& of, std::chrono::milliseconds wait,
                     Ends& found);
  base::Result<Offset> offset(const TopicPartition& of, Offset which, const char* name,
                              std::chrono::milliseconds wait);
  // Null where no answer came.
  EventHandle request(rd_kafka_admin_op_t operation, int wait_ms, const AdminRequest& send);
  // Empty while it has no leaders, or the cluster has no answer.
  std::optional<base::Result<std::optional<TopicDescription>>> look_at(const std::string& what,
                                                                       rd_kafka_topic_t* topic,
                                                                       int wait_ms);

  const std::unique_ptr<Client> client_;
  const std::string brokers_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace armada_cache::eventlog::kafka
