// Processes of a tier come and go, and share out what there is by their groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <mutex>
#include <thread>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/temp_dir.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::compare_answers;
using test_support::compare_answers_until;
using test_support::eventually;
using test_support::ExitStatus;
using test_support::http_get;
using test_support::metric_sum;
using test_support::Problems;
using test_support::ThreeTiers;
using test_support::TierProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds kLong{60};
constexpr std::size_t kJobSets = 16;

test_support::KafkaCluster& kafka() {
  static test_support::KafkaCluster cluster;
  return cluster;
}

// Compares all answers with the account again and again, and keeps what was wrong.
class Asking {
 public:
  Asking(const CacheClient& client, const simulator::Account& account)
      : thread_([this, &client, &account](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            const Problems found = compare_answers(client, account);
            const std::lock_guard lock(mutex_);
            problems_.insert(problems_.end(), found.begin(), found.end());
            ++rounds_;
          }
        }) {}

  // Whether all was asked once more from the begin on.
  bool goes_on() {
    const std::size_t before = rounds_;
    return eventually(kLong, [&] { return rounds_ >= before + 2; });
  }
  Problems problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }

 private:
  std::mutex mutex_;
  Problems problems_;
  std::atomic<std::size_t> rounds_ = 0;
  std::jthread thread_;
};

class TierGroups : public testing::Test {
 protected:
  void follow(const std::string& prefix, std::vector<std::string> projectors, double rate) {
    simulator::Options world;
    world.listen = "127.0.0.1:0";
    world.load = {
        .queues = {"q-g"}, .prefix = prefix, .job_sets = kJobSets, .jobs = 100, .rate = rate};
    armada_.emplace(world);
    cache_.emplace(test_support::TiersOptions{armada_->start().value(), kafka().servers(),
                                              folder_.path(), std::move(projectors)});
    client_.emplace(cache_->grpc_address());
    for (std::size_t i = 0; i < kJobSets; ++i) {
      job_sets_.push_back({"q-g", prefix + std::to_string(i)});
      ASSERT_TRUE(
          eventually(kLong, [&] { return client_->subscribe(job_sets_.back(), "test").ok(); }));
    }
  }

  // Partitions of a projector, as the query process knows it.
  double placed(TierProcess& projector, const std::string& group) {
    return test_support::metric(http_get(cache_->query().http_address(), "/metrics").body,
                                "armada_cache_query_directory_partitions{group=\"" + group +
                                    "\",projector=\"" + projector.grpc_address() + "\"}");
  }

  // What it was given it has opened too.
  static bool has_all(TierProcess& projector) {
    return eventually(kLong,
                      [&] { return http_get(projector.http_address(), "/readyz").status == 200; });
  }

  static double streams(TierProcess& ingest) {
    return metric_sum(http_get(ingest.http_address(), "/metrics").body,
                      "armada_cache_ingest_streams_open");
  }

  bool each_is_relayed_once() {
    return std::ranges::all_of(
        job_sets_, [&](const base::JobSet& set) { return armada_->readers(set).open == 1; });
  }

  test_support::TempDir folder_;
  std::optional<simulator::Simulator> armada_;
  std::optional<ThreeTiers> cache_;
  std::optional<CacheClient> client_;
  std::vector<base::JobSet> job_sets_;
};

TEST_F(TierGroups, AProjectorThatJoinsTakesPartitionsOverWhileLookupsAreAnswered) {
  ASSERT_NO_FATAL_FAILURE(follow("joins-", {"a", "b"}, 0));
  ASSERT_TRUE(eventually(kLong, [&] { return armada_->ended(); }));
  const simulator::Account account = armada_->account();
  ASSERT_THAT(compare_answers_until(kLong, *client_, account), IsEmpty());
  TierProcess& first = cache_->projector(0);
  ASSERT_TRUE(eventually(kLong, [&] { return placed(first, "a") == 4; }));

  Asking asking(*client_, account);
  TierProcess& second = cache_->add_projector("a");
  EXPECT_TRUE(
      eventually(kLong, [&] { return placed(first, "a") == 2 && placed(second, "a") == 2; }));
  EXPECT_TRUE(asking.goes_on());
  EXPECT_THAT(asking.problems(), IsEmpty()) << cache_->standard_error();
  EXPECT_TRUE(has_all(second));
  // What it has taken over is with it, and with nobody else now.
  cache_->projector(1).process().send(SIGKILL);
  EXPECT_TRUE(asking.goes_on());
  EXPECT_THAT(asking.problems(), IsEmpty()) << cache_->standard_error();
}

TEST_F(TierGroups, WhatAProjectorHadThatEndsIsTakenOver) {
  ASSERT_NO_FATAL_FAILURE(follow("ends-", {"a", "a", "b"}, 0));
  ASSERT_TRUE(eventually(kLong, [&] { return armada_->ended(); }));
  const simulator::Account account = armada_->account();
  ASSERT_THAT(compare_answers_until(kLong, *client_, account), IsEmpty());

  Asking asking(*client_, account);
  TierProcess& first = cache_->projector(0);
  first.process().send(SIGTERM);
  EXPECT_EQ(first.process().wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_TRUE(eventually(kLong, [&] { return placed(cache_->projector(1), "a") == 4; }));
  EXPECT_TRUE(has_all(cache_->projector(1)));
  cache_->projector(2).process().send(SIGKILL);
  EXPECT_TRUE(asking.goes_on());
  EXPECT_THAT(asking.problems(), IsEmpty()) << cache_->standard_error();
}

TEST_F(TierGroups, AProjectorThatComesBackOnAnotherAddressIsReachedThere) {
  ASSERT_NO_FATAL_FAILURE(follow("address-", {"a"}, 0));
  ASSERT_TRUE(eventually(kLong, [&] { return armada_->ended(); }));
  const simulator::Account account = armada_->account();
  ASSERT_THAT(compare_answers_until(kLong, *client_, account), IsEmpty());
  const std::string before = cache_->projector(0).grpc_address();
  cache_->move_projector(0);
  TierProcess& projector = cache_->projector(0);
  ASSERT_NE(projector.grpc_address(), before);
  EXPECT_THAT(projector.process().standard_error(),
              AllOf(HasSubstr("the start waits"), HasSubstr("at " + before)));
  EXPECT_TRUE(eventually(kLong, [&] { return placed(projector, "a") == 4; }));
  EXPECT_THAT(compare_answers_until(kLong, *client_, account), IsEmpty());
  // It is where it was: nothing is waited for.
  cache_->replace_projector(0);
  EXPECT_THAT(cache_->projector(0).process().standard_error(), Not(HasSubstr("has instance")));
  EXPECT_THAT(compare_answers_until(kLong, *client_, account), IsEmpty());
}

TEST_F(TierGroups, Invariant1AJobSetIsRelayedByOneWhileIngestsJoinAndLeave) {
  ASSERT_NO_FATAL_FAILURE(follow("moves-", {"a"}, 400));
  ASSERT_TRUE(eventually(kLong, [&] { return each_is_relayed_once(); }));

  TierProcess& second = cache_->add_ingest();
  const auto shared = [&] { return streams(cache_->ingest()) > 0 && streams(second) > 0; };
  EXPECT_TRUE(eventually(kLong, [&] { return shared() && each_is_relayed_once(); }))
      << streams(cache_->ingest()) << " and " << streams(second);

  second.process().send(SIGTERM);
  EXPECT_EQ(second.process().wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_TRUE(eventually(kLong, [&] { return each_is_relayed_once(); }));
  EXPECT_FALSE(armada_->made()) << "the moves were in the middle of the load";
  for (const auto& set : job_sets_) EXPECT_LE(armada_->readers(set).most_open, 2U) << set.name;
  ASSERT_TRUE(eventually(kLong, [&] { return armada_->ended(); }));
  EXPECT_THAT(compare_answers_until(kLong, *client_, armada_->account()), IsEmpty())
      << cache_->standard_error();
}

TEST_F(TierGroups, Invariant4NothingIsCertainOnceNoIngestIsLeft) {
  ASSERT_NO_FATAL_FAILURE(follow("silent-", {"a"}, 0));
  ASSERT_TRUE(eventually(kLong, [&] { return armada_->ended(); }));
  ASSERT_THAT(compare_answers_until(kLong, *client_, armada_->account()), IsEmpty());
  const std::string unknown = "01zzzzzzzzzzzzzzzzzzzzzzzz";
  const auto is_certain = [&] { return client_->statuses({unknown}).ok(); };
  ASSERT_TRUE(eventually(kLong, is_certain));

  cache_->ingest().process().send(SIGKILL);
  const std::int64_t killed = std::time(nullptr);
  EXPECT_TRUE(eventually(kLong, [&] {
    const auto refused = client_->statuses({unknown});
    return refused.code == test_support::code::kUnavailable &&
           refused.error.find("no ingest has said for") != std::string::npos;
  }));
  const auto known = client_->summary(job_sets_.front());
  ASSERT_TRUE(known.ok()) << known.error;
  EXPECT_FALSE(known.message.complete());
  EXPECT_LE(known.message.as_of().seconds(), killed) << "what came since is not there";

  cache_->add_ingest();
  EXPECT_TRUE(eventually(kLong, is_certain)) << client_->statuses({unknown}).error;
  EXPECT_TRUE(eventually(kLong, [&] { return client_->caught_up(job_sets_.front()); }));
}

}  // namespace
}  // namespace armada_cache
