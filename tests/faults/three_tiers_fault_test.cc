// Everything that the cache consists of dies, hangs or is restarted in the middle of a load, while
// callers look up jobs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>

#include "core/eventlog/kafka/kafka_log.h"
#include "core/topics/codecs.h"
#include "tests/faults/fleet.h"
#include "tests/faults/lookup_watch.h"
#include "tests/faults/projection_dump.h"
#include "tests/simulator/simulator.h"
#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"
#include "tests/support/log_contents.h"
#include "tests/support/temp_dir.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::eventually;
using test_support::ExitStatus;
using testing::IsEmpty;

constexpr std::chrono::seconds kLong{60};
constexpr std::size_t kJobSets = 50;
constexpr std::size_t kJobs = 540;  // of each job set at least, about 8 events each
constexpr std::uint64_t kRecords = 200'000;
constexpr double kRate = 2200;  // events a second
// No lookup hangs where another copy could answer.
constexpr std::chrono::seconds kSlowest{10};

class ThreeTiersFaults : public testing::Test {
 protected:
  ThreeTiersFaults()
      : armada_(world(address_)), fleet_({address_, kafka_.servers(), folder_.path()}) {}

  static simulator::Options world(const std::string& address) {
    simulator::Options options;
    options.listen = address;
    options.seed = 7;
    options.load = {.queues = {"q-a", "q-b"},
                    .prefix = "set-",
                    .job_sets = kJobSets,
                    .jobs = kJobs,
                    .until_told = true,
                    .live_jobs = 20,
                    .rate = kRate};
    options.life.outcome_shares = {60, 10, 5, 5, 5, 5, 5, 5};
    return options;
  }

  // The load begins when everything has its share.
  void begin() {
    wait_until_settled();
    const auto listening = armada_.start();
    ASSERT_TRUE(listening) << listening.error().message;
    ASSERT_NO_FATAL_FAILURE(follow());
    say("the load begins");
    watch();
  }

  void follow() {
    const CacheClient client(fleet_.query_address(0));
    for (std::size_t i = 0; i < kJobSets; ++i) {
      const base::JobSet job_set{i % 2 == 0 ? "q-a" : "q-b", "set-" + std::to_string(i)};
      ASSERT_TRUE(eventually(kLong, [&] { return client.subscribe(job_set, "test", 3600).ok(); }));
    }
  }

  void watch() {
    for (int query = 0; query < Fleet::kQueries; ++query) {
      LookupWatch::Options options;
      options.preferred = query;
      options.seed = static_cast<std::uint64_t>(query);
      watches_.push_back(
          std::make_unique<LookupWatch>(options, fleet_, [this] { return armada_.account(); }));
    }
    lookups_go_on();
  }

  // Each caller gets further answers.
  void lookups_go_on() {
    constexpr std::uint64_t kMore = 20;
    for (const auto& watch : watches_) {
      const std::uint64_t before = watch->answered();
      EXPECT_TRUE(eventually(kLong, [&] { return watch->answered() > before + kMore; }));
    }
  }

  void wait_until_settled() {
    eventually(kLong, [&] { return fleet_.unsettled().empty(); });
    EXPECT_THAT(fleet_.unsettled(), IsEmpty());
  }

  // All have recovered from the last breakage, events are relayed since, and there are more to
  // come: the load goes on until everything has broken.
  void in_mid_load() {
    wait_until_settled();
    events_come();
  }

  void events_come() {
    constexpr std::uint64_t kMore = 500;
    const std::uint64_t before = relayed_;
    EXPECT_TRUE(eventually(kLong, [&] {
      const auto now = relayed();
      if (now) relayed_ = *now;
      return relayed_ > before + kMore;
    }));
    EXPECT_FALSE(armada_.made());
  }

  // Records of events, as long as a broker tells.
  std::optional<std::uint64_t> relayed() {
    std::uint64_t records = 0;
    for (int partition = 0; partition < kFleetPartitions; ++partition) {
      const auto end = log_->end_offset({std::string(topics::kEvents), partition});
      if (!end) return std::nullopt;
      records += static_cast<std::uint64_t>(*end);
    }
    return records;
  }

  void kill(const std::string& member) {
    in_mid_load();
    say("kill " + member);
    fleet_.kill(member);
    lookups_go_on();
    fleet_.start(member);
    lookups_go_on();
  }

  void restart(const std::string& member) {
    in_mid_load();
    say("restart " + member);
    EXPECT_EQ(fleet_.stop(member), (ExitStatus{0, 0})) << member;
    lookups_go_on();
    fleet_.start(member);
    lookups_go_on();
  }

  void restart_broker() {
    in_mid_load();
    say("kill the broker");
    kafka_.kill(0);
    lookups_go_on();
    kafka_.start(0);
    kafka_.wait_until_ready();
    lookups_go_on();
  }

  // Its group takes it for dead meanwhile, and the other one relays all; then both share again.
  void hang(const std::string& ingest, const std::string& other) {
    in_mid_load();
    const auto streams = [&] { return fleet_.streams(ingest); };
    EXPECT_TRUE(eventually(kLong, [&] { return streams() + fleet_.streams(other) == kJobSets; }));
    EXPECT_GT(streams(), 0U);
    say("stop " + ingest);
    fleet_.signal(ingest, SIGSTOP);
    EXPECT_TRUE(eventually(kLong, [&] { return fleet_.streams(other) == kJobSets; }));
    events_come();
    lookups_go_on();
    say("go on with " + ingest);
    fleet_.signal(ingest, SIGCONT);
    EXPECT_TRUE(eventually(
        kLong, [&] { return streams() > 0 && streams() + fleet_.streams(other) == kJobSets; }));
    lookups_go_on();
  }

  void say(const std::string& what) {
    const auto now = std::chrono::steady_clock::now() - begin_;
    std::cout << std::chrono::duration_cast<std::chrono::milliseconds>(now).count()
              << " ms: " << what << std::endl;
  }

  void check_answers(const simulator::Account& account) {
    for (int query = 0; query < Fleet::kQueries; ++query) {
      EXPECT_THAT(compare_answers_until(kLong, CacheClient(fleet_.query_address(query)), account),
                  IsEmpty())
          << "query " << query;
    }
  }

  void check_lookups(const simulator::Account& account) {
    for (const auto& watch : watches_) {
      EXPECT_TRUE(eventually(kLong, [&] { return watch->jobs_seen() == account.jobs.size(); }));
      watch->stop();
      EXPECT_THAT(watch->problems(account), IsEmpty());
      EXPECT_LT(watch->slowest(), kSlowest);
      std::cout << watch->answered() << " lookups, " << watch->failed_over()
                << " failed over, the slowest after " << watch->slowest().count() << " ms"
                << std::endl;
    }
  }

  void check_log(const simulator::Account& account) {
    const auto contents = test_support::read_log(*log_, kFleetPartitions);
    EXPECT_THAT(compare_log(contents, account), IsEmpty());
    EXPECT_EQ(contents.unreadable, 0U);
    EXPECT_GE(contents.records, kRecords);
    std::cout << contents.records << " records, " << contents.repeats << " of them repeats"
              << std::endl;
  }

  // Each database that was live equals one made from the log alone.
  void check_projections() {
    const auto rebuilt =
        dump_projection(folder_.path() / "rebuilt", {0, 1, 2, 3}, kFleetPartitions, *log_);
    EXPECT_GT(rebuilt.at(0).size(), kJobSets);
    for (const char* name : {"projector-a-0", "projector-a-1", "projector-b-0", "projector-b-1"}) {
      const auto folder = Fleet::data_of(folder_.path(), name);
      const auto live = dump_projection(folder, partitions_in(folder), kFleetPartitions, *log_);
      EXPECT_FALSE(live.empty()) << name;
      for (const auto& [partition, text] : live) {
        EXPECT_EQ(first_difference(text, rebuilt.at(partition)), "") << name << " " << partition;
      }
    }
  }

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  test_support::TempDir folder_;
  test_support::KafkaCluster kafka_;
  const std::string address_ = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
  simulator::Simulator armada_;
  Fleet fleet_;
  const std::unique_ptr<eventlog::EventLog> log_ = test_support::open_log(kafka_.servers());
  std::uint64_t relayed_ = 0;  // when it was last asked
  std::vector<std::unique_ptr<LookupWatch>> watches_;
};

// Invariants 1 to 4.
TEST_F(ThreeTiersFaults, WhateverFailsNothingIsLostAndNoAnswerIsWrong) {
  ASSERT_NO_FATAL_FAILURE(begin());
  for (const char* member : {"ingest-0", "projector-a-0", "projector-b-0", "query-0"}) kill(member);
  restart_broker();
  for (const char* member : {"ingest-1", "projector-a-1", "projector-b-1", "query-1"}) kill(member);
  hang("ingest-1", "ingest-0");
  for (const char* member : {"ingest-0", "projector-a-1", "query-1"}) restart(member);
  in_mid_load();
  armada_.end_load();
  ASSERT_TRUE(eventually(2 * kLong, [&] { return armada_.ended(); }));
  say("the load has ended");
  const auto account = armada_.account();
  check_answers(account);
  say("the answers are right");
  check_lookups(account);
  for (const std::string& member : fleet_.running()) {
    EXPECT_EQ(fleet_.stop(member), (ExitStatus{0, 0})) << member;
  }
  say("all have stopped");
  check_log(account);
  say("the log is right");
  check_projections();
  say("the projections are right");
  if (HasFailure()) std::cout << fleet_.standard_error() << std::endl;
}

}  // namespace
}  // namespace armada_cache
