// What query servers write to a real Kafka while clients poll.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "core/eventlog/kafka/kafka_log.h"
#include "core/eventlog/replay.h"
#include "core/topics/codecs.h"
#include "query/subscriptions/subscription_service.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/query/fake_reader.h"
#include "tests/unit/query/later_queue.h"

namespace armada_cache::query {
namespace {

using base::JobSet;
using eventlog::Partition;
using test_support::eventually;
using namespace std::chrono_literals;

constexpr Partition kPartitions = 4;
constexpr int kJobSets = 20;
constexpr int kServers = 2;
constexpr std::chrono::seconds kLong{60};
constexpr auto kLease = std::chrono::seconds(15min);

std::unique_ptr<eventlog::EventLog> open_log(const std::string& brokers) {
  auto log = test_support::open_log(brokers);
  for (const auto& topic : topics::topic_specs(kPartitions, 24h)) {
    if (auto ensured = log->ensure_topic(topic); !ensured)
      throw std::runtime_error(ensured.error().message);
  }
  return log;
}

SubscriptionOptions subscription_options() {
  SubscriptionOptions options;
  options.partitions = kPartitions;
  options.poll_lease = kLease;
  return options;
}

// The subscriptions of a query server, on a connection of its own.
class Server {
 public:
  Server(const std::string& brokers, const base::Clock& clock, FakeReader& jobs)
      : log_(open_log(brokers)),
        service_(subscription_options(), *log_, jobs, clock, metrics_, later_.later()) {
    if (auto started = service_.start(); !started)
      throw std::runtime_error(started.error().message);
  }

  // A poll for jobs of this job set; false where it fails.
  bool poll(const JobSet& job_set) {
    auto told = std::make_shared<std::promise<bool>>();
    auto kept = told->get_future();
    service_.touch(job_set, [told](const base::Status& status) { told->set_value(bool{status}); });
    return kept.wait_for(kLong) == std::future_status::ready && kept.get();
  }
  // What is to be done in a while, such as looking which jobs were polled for by their ids alone.
  void look() { later_.run_one(); }
  bool caught_up() const { return service_.caught_up(); }
  // Of all leases; the epoch where there are fewer than there must be.
  base::Time first_end() const {
    const auto leases = service_.list(std::nullopt, {}, 2 * kJobSets);
    if (!leases || leases->size() != kJobSets) return {};
    return std::ranges::min(*leases, {}, &subscription::Lease::expires_at).expires_at;
  }

 private:
  base::Metrics metrics_;
  LaterQueue later_;
  std::unique_ptr<eventlog::EventLog> log_;
  SubscriptionService service_;
};

class KafkaRenewals : public testing::Test {
 protected:
  KafkaRenewals() {
    for (int i = 0; i < kJobSets; ++i) job_sets_.push_back({"q", "set-" + std::to_string(i)});
    for (int i = 0; i < kServers; ++i) {
      servers_.push_back(std::make_unique<Server>(cluster_.servers(), clock_, jobs_));
    }
  }

  bool servers_caught_up() {
    return eventually(kLong, [this] {
      return std::ranges::all_of(servers_, [](const auto& server) { return server->caught_up(); });
    });
  }
  // Many at once, of every server, for every job set.
  int failed_polls() {
    std::atomic<int> failed = 0;
    {
      std::vector<std::jthread> callers;
      for (int i = 0; i < 8; ++i) {
        callers.emplace_back([&, server = servers_[static_cast<std::size_t>(i % kServers)].get()] {
          for (int round = 0; round < 50; ++round) {
            for (const JobSet& job_set : job_sets_) failed += server->poll(job_set) ? 0 : 1;
          }
        });
      }
    }
    return failed;
  }
  // Once each server has read that every job set is wanted for a whole lease from now on, how many
  // records were written for the job set that has the most.
  std::size_t most_written_when_renewed() {
    EXPECT_TRUE(eventually(kLong, [this] {
      return std::ranges::all_of(servers_, [this](const auto& server) {
        return server->first_end() == clock_.now() + kLease;
      });
    }));
    std::map<std::string, std::size_t> written;
    const auto read = eventlog::replay({{}, kLong, nullptr}, *log_, topics::kSubscriptions,
                                       {0, 1, 2, 3}, [&](const eventlog::RecordView& record) {
                                         if (record.value) ++written[std::string(record.key)];
                                       });
    EXPECT_TRUE(read);
    EXPECT_EQ(written.size(), job_sets_.size());
    return std::ranges::max_element(written, {}, [](const auto& entry) { return entry.second; })
        ->second;
  }

  test_support::KafkaCluster cluster_;
  std::unique_ptr<eventlog::EventLog> log_ = open_log(cluster_.servers());
  test_support::ManualClock clock_;
  FakeReader jobs_;
  std::vector<JobSet> job_sets_;
  std::vector<std::unique_ptr<Server>> servers_;
};

TEST_F(KafkaRenewals, HoweverManyPollEachServerRenewsAJobSetOnceInHalfALease) {
  ASSERT_TRUE(servers_caught_up());
  EXPECT_EQ(failed_polls(), 0);
  EXPECT_LE(most_written_when_renewed(), 1u * kServers);
  EXPECT_EQ(failed_polls(), 0);
  EXPECT_LE(most_written_when_renewed(), 1u * kServers) << "fresh leases are left alone";

  clock_.advance(kLease / 2 + 1s);
  EXPECT_EQ(failed_polls(), 0);
  EXPECT_LE(most_written_when_renewed(), 2u * kServers);

  // Likewise polls by ids alone, of which the projection knows the job sets.
  clock_.advance(kLease / 2 + 1s);
  jobs_.set_asked(job_sets_);
  for (int round = 0; round < 50; ++round) {
    for (const auto& server : servers_) server->look();
  }
  EXPECT_LE(most_written_when_renewed(), 3u * kServers);
}

}  // namespace
}  // namespace armada_cache::query
