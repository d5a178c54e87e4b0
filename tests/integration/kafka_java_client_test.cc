// Keys and partitions as Kafka's own Java client sees them.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/eventlog/kafka/kafka_log.h"
#include "core/topics/partitioner.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache::topics {
namespace {

using eventlog::Partition;
using test_support::Command;
using test_support::KafkaCluster;

constexpr Partition kPartitions = 7;
constexpr std::chrono::seconds kLong{60};

std::vector<std::string> some_keys() {
  std::vector<std::string> keys{"a", "ab", "abc", "\xc3\xa9\xe4\xb8\xad", "\xf0\x9f\x9a\x80"};
  for (int i = 0; i < 300; ++i) keys.push_back("01h2xcejqtf2nbrexx3v" + std::to_string(i * i));
  return keys;
}

// Writes each key with itself as value, one "key<TAB>value" a line, through the Java client.
void produce_with_java(const KafkaCluster& cluster, const std::string& topic,
                       const std::vector<std::string>& keys) {
  const test_support::TempDir folder;
  const auto input = folder.path() / "records";
  std::ofstream lines(input);
  for (const std::string& key : keys) lines << key << '\t' << key << '\n';
  lines.close();
  const Command java = test_support::kafka_java(
      "org.apache.kafka.tools.ConsoleProducer",
      {"--bootstrap-server", cluster.servers(), "--topic", topic, "--reader-property",
       "parse.key=true", "--command-property", "acks=all"});
  Command shell{.program = "/bin/sh",
                .arguments = {"-c", "exec \"$0\" \"$@\" <" + input.string(), java.program},
                .environment = {{"LC_ALL", "C.UTF-8"}}};
  shell.arguments.insert(shell.arguments.end(), java.arguments.begin(), java.arguments.end());
  test_support::Process producer(shell, folder.path());
  ASSERT_EQ(producer.wait_for_exit(kLong), test_support::ExitStatus{})
      << producer.standard_output() << producer.standard_error();
}

TEST(JavaClient, FindsAKeyInThePartitionThatWePutItIn) {
  const KafkaCluster cluster;
  auto opened = eventlog::kafka::open_kafka_log(
      {.brokers = cluster.servers(),
       .topics = {.replication_factor = 1, .min_insync_replicas = 1}});
  ASSERT_TRUE(opened) << opened.error().message;
  eventlog::EventLog& log = **opened;
  ASSERT_TRUE(log.ensure_topic({.name = "keys", .partitions = kPartitions}));
  const auto keys = some_keys();
  produce_with_java(cluster, "keys", keys);

  eventlog::Positions positions;
  for (Partition p = 0; p < kPartitions; ++p) positions[{"keys", p}] = 0;
  const auto reader = std::move(log.reader(positions).value());
  std::map<std::string, Partition> found;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (found.size() < keys.size() && std::chrono::steady_clock::now() < deadline) {
    const auto polled = reader->poll(1000, std::chrono::milliseconds(100));
    ASSERT_TRUE(polled) << polled.error().message;
    for (const auto& record : *polled) found[std::string(record.key)] = record.partition;
  }
  for (const std::string& key : keys) {
    ASSERT_TRUE(found.contains(key)) << key;
    EXPECT_EQ(found[key], partition_of(key, kPartitions)) << key;
  }
}

}  // namespace
}  // namespace armada_cache::topics
