#include "tests/unit/ingest/log_fixture.h"

#include <future>
#include <set>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "core/eventlog/replay.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::ingest {
namespace {

std::set<eventlog::Partition> all_partitions() {
  std::set<eventlog::Partition> all;
  for (eventlog::Partition i = 0; i < kPartitions; ++i) all.insert(i);
  return all;
}

}  // namespace

LogFixture::LogFixture() {
  auto log = eventlog::embedded::open_embedded_log({.directory = folder_.path(), .clock = clock_});
  if (!log) throw std::runtime_error(log.error().message);
  log_ = std::move(*log);
  for (const auto& topic : topics::topic_specs(kPartitions, std::chrono::hours(24))) {
    if (auto made = log_->ensure_topic(topic); !made)
      throw std::runtime_error(made.error().message);
  }
  appender_ = log_->appender();
}

LogFixture::~LogFixture() {
  appender_.reset();
}

void LogFixture::append(std::string_view topic, eventlog::Partition partition,
                        eventlog::Record record) {
  std::promise<bool> done;
  std::vector<eventlog::Record> records;
  records.push_back(std::move(record));
  appender_->append({std::string(topic), partition}, std::move(records),
                    [&](const auto& result) { done.set_value(result.has_value()); });
  ASSERT_TRUE(done.get_future().get());
}

void LogFixture::subscribe(const base::JobSet& job_set, const std::string& subscriber,
                           base::Duration lease) {
  internal::v1::SubscriptionRecord record;
  record.set_lease_expires_us(base::to_unix_micros(clock_.now() + lease));
  append(topics::kSubscriptions, topics::partition_of_job_set(job_set, kPartitions),
         topics::subscription_record({job_set, subscriber}, record));
}

void LogFixture::unsubscribe(const base::JobSet& job_set, const std::string& subscriber) {
  append(topics::kSubscriptions, topics::partition_of_job_set(job_set, kPartitions),
         topics::subscription_tombstone({job_set, subscriber}));
}

std::vector<RelayedEvent> LogFixture::events_of(const base::JobSet& job_set) {
  std::vector<RelayedEvent> events;
  const auto read =
      eventlog::replay({}, *log_, topics::kEvents, all_partitions(), [&](const auto& record) {
        const auto source = topics::job_set_of_event(record);
        if (!source || *source != job_set) return;
        events.push_back({std::string(record.header("ce_id").value_or("")), std::string(record.key),
                          std::string(*record.value), record.partition});
      });
  EXPECT_TRUE(read.has_value());
  return events;
}

std::optional<StoredRelay> LogFixture::relay_of(const base::JobSet& job_set) {
  std::optional<StoredRelay> newest;
  const std::string key = topics::encode_key(job_set);
  const auto read =
      eventlog::replay({}, *log_, topics::kRelays, all_partitions(), [&](const auto& record) {
        if (record.key != key) return;
        newest = record.value ? std::optional(decode_relay(*record.value).value()) : std::nullopt;
      });
  EXPECT_TRUE(read.has_value());
  return newest;
}

}  // namespace armada_cache::ingest
