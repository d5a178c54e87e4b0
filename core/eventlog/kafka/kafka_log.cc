#include "core/eventlog/kafka/kafka_log.h"

#include <map>
#include <mutex>
#include <set>

#include "core/eventlog/kafka/client_settings.h"
#include "core/eventlog/kafka/cluster.h"
#include "core/eventlog/kafka/end_asker.h"
#include "core/eventlog/kafka/producer.h"
#include "core/eventlog/kafka/reader.h"
#include "core/eventlog/kafka/topic_admin.h"

namespace armada_cache::eventlog::kafka {
namespace {

// The partition counts of topics that were seen. Thread-safe.
class SeenTopics {
 public:
  void add(const std::string& topic, Partition partitions) {
    const std::lock_guard lock(mutex_);
    counts_[topic] = partitions;
  }
  bool has(const TopicPartition& at) const {
    const std::lock_guard lock(mutex_);
    const auto count = counts_.find(at.topic);
    return count != counts_.end() && at.partition >= 0 && at.partition < count->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Partition> counts_;
};

class KafkaAppender final : public Appender {
 public:
  KafkaAppender(const SeenTopics& seen, Producer& producer) : seen_(seen), producer_(producer) {}
  ~KafkaAppender() override { outstanding_->wait_for_none(); }

  void append(const TopicPartition& to, std::vector<Record> batch, Acknowledged done) override {
    if (seen_.has(to)) return producer_.append(to, batch, std::move(done), outstanding_);
    done(base::fail(base::ErrorCode::kNotFound,
                    "cannot append to " + name_of(to) + ": there is none, or none was seen yet"));
  }

 private:
  const SeenTopics& seen_;
  Producer& producer_;
  std::shared_ptr<Outstanding> outstanding_ = std::make_shared<Outstanding>();
};

class KafkaLog final : public EventLog {
 public:
  KafkaLog(const KafkaLogOptions& options, std::unique_ptr<Client> control)
      : options_(options),
        cluster_(std::move(control), options.brokers, options.answer_timeout),
        producer_(options, cluster_),
        asker_(options.max_end_questions, options.answer_timeout,
               [this](const auto& of) { return look_for_ends(of); }) {}

  base::Status ensure_topic(const TopicSpec& spec) override {
    auto ensured = kafka::ensure_topic(cluster_, options_, spec);
    if (ensured) seen_.add(spec.name, spec.partitions);
    return ensured;
  }

  std::unique_ptr<Appender> appender() override {
    return std::make_unique<KafkaAppender>(seen_, producer_);
  }

  base::Result<std::unique_ptr<Reader>> reader(const Positions& positions) override;

  base::Status writable() override { return producer_.writable(); }

  void ends(const std::vector<TopicPartition>& of, EndsTold done) override {
    if (auto writable = producer_.writable(); !writable) {
      return done(tl::unexpected(writable.error()));
    }
    asker_.ask(of, std::move(done));
  }
  base::Result<Offset> start_offset(const TopicPartition& of) override {
    if (auto known = find(of); !known) return tl::unexpected(known.error());
    return cluster_.start_offset(of);
  }

 private:
  base::Status find(const TopicPartition& of);
  Cluster::Ends look_for_ends(const std::set<TopicPartition>& of);

  const KafkaLogOptions options_;
  SeenTopics seen_;
  Cluster cluster_;
  Producer producer_;
  EndAsker asker_;  // the last: its thread uses the above
};

Cluster::Ends KafkaLog::look_for_ends(const std::set<TopicPartition>& of) {
  Cluster::Ends unknown;
  std::set<TopicPartition> known;
  for (const TopicPartition& each : of) {
    const auto found = find(each);
    if (found) known.insert(each);
    if (!found) unknown.emplace(each, tl::unexpected(found.error()));
  }
  Cluster::Ends ends = cluster_.look_for_ends(known);
  ends.merge(unknown);
  return ends;
}

base::Status KafkaLog::find(const TopicPartition& of) {
  if (seen_.has(of)) return {};
  const auto found = cluster_.describe(of.topic);
  if (!found) return tl::unexpected(found.error());
  if (found->has_value()) seen_.add(of.topic, (*found)->partitions);
  if (seen_.has(of)) return {};
  return base::fail(base::ErrorCode::kNotFound, "Kafka has no " + name_of(of));
}

base::Result<std::unique_ptr<Reader>> KafkaLog::reader(const Positions& positions) {
  for (const auto& [at, position] : positions) {
    if (auto known = find(at); !known) return tl::unexpected(known.error());
  }
  return KafkaReader::make(options_, cluster_, positions);
}

}  // namespace

base::Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options) {
  if (auto checked = check_properties(options.properties, rd_kafka_version()); !checked) {
    return tl::unexpected(checked.error());
  }
  auto control = Client::make_consumer("control", control_properties(options));
  if (!control) return tl::unexpected(control.error());
  if (auto checked = Producer::check(options); !checked) return tl::unexpected(checked.error());
  return std::make_unique<KafkaLog>(options, std::move(*control));
}

}  // namespace armada_cache::eventlog::kafka
