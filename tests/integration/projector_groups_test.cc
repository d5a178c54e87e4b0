// How the query tier finds projectors, on a real cluster with real group members.
#include "app/directory/projector_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>

#include "core/topics/codecs.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache::app {
namespace {

using eventlog::kafka::GroupDirectory;
using eventlog::kafka::KafkaLogOptions;
using test_support::eventually;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::seconds kSoon(60);
constexpr int kPartitions = 4;

// A member of a projector's group, as another process would be.
class Member {
 public:
  Member(const std::string& servers, const std::string& group, const std::string& address) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", servers);
    set(conf, "group.id", group);
    set(conf, "client.id", address);
    set(conf, "session.timeout.ms", "6000");
    set(conf, "heartbeat.interval.ms", "100");
    std::array<char, 512> text{};
    consumer_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text.data(), text.size());
    if (consumer_ == nullptr) throw std::runtime_error(text.data());
    rd_kafka_poll_set_consumer(consumer_);
    rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(2);
    for (const std::string_view topic : {topics::kEvents, topics::kRelays}) {
      rd_kafka_topic_partition_list_add(topics, std::string(topic).c_str(), RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_subscribe(consumer_, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (auto* message = rd_kafka_consumer_poll(consumer_, 50))
          rd_kafka_message_destroy(message);
      }
    });
  }

  // Leaves the group.
  ~Member() {
    thread_ = {};
    rd_kafka_consumer_close(consumer_);
    rd_kafka_destroy(consumer_);
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

 private:
  static void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 512> text{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK) {
      throw std::runtime_error(text.data());
    }
  }

  rd_kafka_t* consumer_ = nullptr;
  std::jthread thread_;
};

class ProjectorGroupsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = std::make_unique<test_support::KafkaCluster>();
    const test_support::KafkaAdmin admin(cluster_->servers());
    admin.create_topic(std::string(topics::kEvents), kPartitions);
    admin.create_topic(std::string(topics::kRelays), kPartitions);
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  static std::unique_ptr<GroupDirectory> groups(
      const std::string& brokers,
      std::chrono::milliseconds timeout = std::chrono::milliseconds(10'000)) {
    auto opened = GroupDirectory::open({.brokers = brokers, .answer_timeout = timeout});
    if (!opened) throw std::runtime_error(opened.error().message);
    return *std::move(opened);
  }

  static std::unique_ptr<Member> member(const std::string& replica_group,
                                        const std::string& address) {
    return std::make_unique<Member>(cluster_->servers(), projector_group("test", replica_group),
                                    address);
  }

  // "GROUP ADDRESS: NUMBER OF PARTITIONS, ..." of those that have any.
  static std::string text(const std::vector<query::ProjectorEntry>& projectors) {
    std::string all;
    for (const query::ProjectorEntry& entry : projectors) {
      if (entry.partitions.empty()) continue;
      all +=
          entry.group + " " + entry.target + ": " + std::to_string(entry.partitions.size()) + ", ";
    }
    return all;
  }

  static std::unique_ptr<test_support::KafkaCluster> cluster_;
};

std::unique_ptr<test_support::KafkaCluster> ProjectorGroupsTest::cluster_;

TEST_F(ProjectorGroupsTest, MembersAreToldWithTheirPartitionsOfTheEventsAlone) {
  const auto directory = groups(cluster_->servers());
  const auto look = look_at_groups(*directory, "test", {"told", "nobody"});
  base::Result<std::vector<query::ProjectorEntry>> before;
  // A cluster that has just begun says kUnavailable.
  ASSERT_TRUE(eventually(kSoon, [&] {
    before = look();
    return before.has_value();
  })) << before.error().message;
  EXPECT_THAT(*before, IsEmpty());

  const auto first = member("told", "127.0.0.1:7001");
  auto second = member("told", "127.0.0.1:7002");
  std::string seen;
  const auto is = [&](const std::string& expected) {
    return eventually(kSoon, [&] {
      auto found = look();
      if (!found) return false;
      std::ranges::sort(*found, {}, &query::ProjectorEntry::target);
      seen = text(*found);
      return seen == expected;
    });
  };
  EXPECT_TRUE(is("told 127.0.0.1:7001: 2, told 127.0.0.1:7002: 2, ")) << seen;
  second.reset();
  EXPECT_TRUE(is("told 127.0.0.1:7001: 4, ")) << seen;
}

TEST_F(ProjectorGroupsTest, TheDirectoryFollowsTheGroupsAndNeverLosesAPartition) {
  const auto directory = groups(cluster_->servers());
  base::Metrics metrics;
  query::LearningDirectory known({kPartitions, std::chrono::milliseconds(20)},
                                 look_at_groups(*directory, "test", {"a", "b"}), metrics);
  known.start();
  const auto becomes = [&](const std::string& expected) {
    return eventually(kSoon, [&] { return text(known.map()->projectors) == expected; });
  };
  const auto a1 = member("a", "127.0.0.1:7011");
  const auto b1 = member("b", "127.0.0.1:7021");
  ASSERT_TRUE(becomes("a 127.0.0.1:7011: 4, b 127.0.0.1:7021: 4, "));

  std::atomic<bool> lost = false;
  std::jthread watcher([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::map<std::string, std::size_t> counts;
      const auto map = known.map();
      for (const auto& entry : map->projectors) {
        counts[entry.group] += entry.partitions.size();
      }
      if (counts != std::map<std::string, std::size_t>{{"a", 4}, {"b", 4}}) lost = true;
      std::this_thread::yield();
    }
  });
  auto a2 = member("a", "127.0.0.1:7012");
  EXPECT_TRUE(becomes("a 127.0.0.1:7011: 2, a 127.0.0.1:7012: 2, b 127.0.0.1:7021: 4, "));
  a2.reset();
  EXPECT_TRUE(becomes("a 127.0.0.1:7011: 4, b 127.0.0.1:7021: 4, "));
  watcher = {};
  EXPECT_FALSE(lost);
}

TEST_F(ProjectorGroupsTest, WhatWasKnownOutlivesABrokerThatIsAwayForAWhile) {
  const auto directory = groups(cluster_->servers(), std::chrono::milliseconds(500));
  base::Metrics metrics;
  query::LearningDirectory known({kPartitions, std::chrono::milliseconds(20)},
                                 look_at_groups(*directory, "test", {"away", "none"}), metrics);
  known.start();
  const auto looks = [&](const std::string& result) {
    return test_support::metric(
        metrics.text(), "armada_cache_query_directory_looks_total{result=\"" + result + "\"}");
  };
  const auto first = member("away", "127.0.0.1:7031");
  const std::string expected = "away 127.0.0.1:7031: 4, ";
  const auto is_known = [&] { return text(known.map()->projectors) == expected; };
  ASSERT_TRUE(eventually(kSoon, is_known));

  for (int times = 0; times < 2; ++times) {
    const double failed = std::max(looks("failed"), 0.0);
    cluster_->kill(0);
    EXPECT_TRUE(eventually(kSoon, [&] { return looks("failed") >= failed + 4; }));
    EXPECT_TRUE(is_known());
    const double well = looks("ok");
    cluster_->start(0);
    cluster_->wait_until_ready();
    EXPECT_TRUE(eventually(kSoon, [&] { return looks("ok") > well; }));
    EXPECT_TRUE(is_known());
  }
}

TEST_F(ProjectorGroupsTest, BrokersThatAreAwayAreNamed) {
  const auto directory = groups("127.0.0.1:1", std::chrono::milliseconds(500));
  const auto look = look_at_groups(*directory, "test", {"a"});
  const auto found = look();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::ErrorCode::kUnavailable) << found.error().message;
  EXPECT_THAT(found.error().message, HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace armada_cache::app
