// Following job sets: armada_cache.v1 subscriptions over real gRPC and a real log.
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SubscriptionsTest : public QueryTest {
 protected:
  SubscriptionsTest() { options_.certainty_wait = std::chrono::milliseconds(40); }

  std::vector<std::string> subscribers(const base::JobSet& job_set) {
    v1::ListSubscriptionsRequest request;
    request.set_queue(job_set.queue);
    request.set_job_set(job_set.name);
    std::vector<std::string> names;
    const auto answer = client().subscriptions(request);
    for (const auto& subscription : answer.message.subscriptions()) {
      names.push_back(subscription.subscriber());
    }
    return names;
  }

  // Unknown ids are answered once nothing is unsettled.
  bool settles() {
    return test_support::eventually(kSoon, [this] { return client().statuses({"nosuch"}).ok(); });
  }
};

TEST_F(SubscriptionsTest, UnsubscribingOneNeverCutsOffAnother) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "dag-1").ok());
  ASSERT_TRUE(client().subscribe(kJobSet, "dag-2").ok());
  ASSERT_TRUE(client().subscribe(kOther, "dag-1").ok());
  const auto ended = client().unsubscribe(kJobSet, "dag-1");
  ASSERT_TRUE(ended.ok()) << ended.error;
  EXPECT_TRUE(ended.message.existed());
  EXPECT_THAT(subscribers(kJobSet), ElementsAre("dag-2"));
  EXPECT_THAT(subscribers(kOther), ElementsAre("dag-1"));
  EXPECT_FALSE(client().unsubscribe(kJobSet, "dag-1").message.existed());
}

TEST_F(SubscriptionsTest, LeaseIsWhatWasAskedForWithinBounds) {
  options_.subscriptions.default_lease = std::chrono::seconds(100);
  options_.subscriptions.max_lease = std::chrono::seconds(1000);
  start();
  const auto seconds_left = [this](std::uint32_t asked) {
    const auto answer = client().subscribe(kJobSet, "dag", asked);
    EXPECT_TRUE(answer.ok()) << answer.error;
    return answer.message.lease_expires().seconds() - base::to_unix_millis(clock_.now()) / 1000;
  };
  EXPECT_NEAR(static_cast<double>(seconds_left(0)), 100, 5);
  EXPECT_NEAR(static_cast<double>(seconds_left(50)), 50, 5);
  EXPECT_NEAR(static_cast<double>(seconds_left(5000)), 1000, 5);
}

TEST_F(SubscriptionsTest, EndedLeasesAreNotListed) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "brief", 1).ok());
  EXPECT_TRUE(test_support::eventually(kSoon, [this] { return subscribers(kJobSet).empty(); }));
}

// What ingest removes as long ended may have been renewed before the removal came into the log.
TEST_F(SubscriptionsTest, ARenewalOutlivesARemovalThatDidNotKnowOfIt) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "renewed").ok());
  ASSERT_TRUE(client().subscribe(kJobSet, "ended").ok());
  const auto remove = [this](const std::string& subscriber, base::Time lease_end) {
    log_->appender()->append(
        {std::string(topics::kSubscriptions),
         topics::partition_of_job_set(kJobSet, options_.subscriptions.partitions)},
        {topics::subscription_removal({kJobSet, subscriber}, lease_end)},
        [](const auto& appended) { EXPECT_TRUE(appended); });
  };
  remove("renewed", clock_.now());
  remove("ended", clock_.now() + std::chrono::hours(24 * 365));
  EXPECT_TRUE(test_support::eventually(
      kSoon, [this] { return subscribers(kJobSet) == std::vector<std::string>{"renewed"}; }));
}

TEST_F(SubscriptionsTest, NamesAreChecked) {
  start();
  const auto expect_refused = [](const auto& answer) {
    EXPECT_EQ(answer.code, code::kInvalidArgument) << answer.error;
  };
  expect_refused(client().subscribe({"", "set"}, "dag"));
  expect_refused(client().subscribe({"q", ""}, "dag"));
  expect_refused(client().subscribe({"q", "set"}, ""));
  expect_refused(client().subscribe({"q", std::string(2000, 'x')}, "dag"));
  expect_refused(client().subscribe({"q", "set"}, "jobservice"));
  expect_refused(client().unsubscribe({"q", "set"}, "jobservice"));
  EXPECT_EQ(appended_subscriptions(), 0);
}

TEST_F(SubscriptionsTest, NumberIsBounded) {
  options_.subscriptions.max_subscriptions = 2;
  start();
  EXPECT_TRUE(client().subscribe(kJobSet, "one").ok());
  EXPECT_TRUE(client().subscribe(kJobSet, "two").ok());
  EXPECT_EQ(client().subscribe(kJobSet, "three").code, code::kResourceExhausted);
  EXPECT_TRUE(client().subscribe(kJobSet, "two").ok()) << "renewing needs no room";
  EXPECT_TRUE(client().unsubscribe(kJobSet, "one").ok());
  EXPECT_TRUE(client().subscribe(kJobSet, "three").ok());
}

TEST_F(SubscriptionsTest, SurviveARestart) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "dag-1").ok());
  ASSERT_TRUE(client().subscribe(kJobSet, "dag-2").ok());
  ASSERT_TRUE(client().unsubscribe(kJobSet, "dag-1").ok());
  restart_log();
  start();
  EXPECT_THAT(subscribers(kJobSet), ElementsAre("dag-2"));
}

TEST_F(SubscriptionsTest, OtherServersSeeThem) {
  start();
  QueryServer second(options_, reader_, *log_, clock_, metrics_);
  const auto address = second.start();
  ASSERT_TRUE(address);
  test_support::CacheClient other(*address);
  ASSERT_TRUE(other.subscribe(kJobSet, "dag").ok());
  EXPECT_TRUE(test_support::eventually(kSoon, [&] { return !subscribers(kJobSet).empty(); }));
}

TEST_F(SubscriptionsTest, ListIsPagedAndTellsRelays) {
  start();
  reader_.set_relay(kOther, internal::v1::RELAY_STATE_REFUSED, "no permission");
  ASSERT_TRUE(client().subscribe(kJobSet, "a").ok());
  ASSERT_TRUE(client().subscribe(kJobSet, "b").ok());
  ASSERT_TRUE(client().subscribe(kOther, "a").ok());
  v1::ListSubscriptionsRequest request;
  request.set_page_size(2);
  const auto first = client().subscriptions(request);
  ASSERT_EQ(first.message.subscriptions_size(), 2);
  EXPECT_EQ(first.message.subscriptions(0).subscriber(), "a");
  EXPECT_EQ(first.message.subscriptions(0).job_set().job_set(), kJobSet.name);
  EXPECT_EQ(first.message.subscriptions(0).origin(), "subscribe");
  EXPECT_FALSE(first.message.subscriptions(0).has_relay());
  request.set_page_token(first.message.next_page_token());
  const auto second = client().subscriptions(request);
  ASSERT_EQ(second.message.subscriptions_size(), 1);
  EXPECT_EQ(second.message.subscriptions(0).job_set().queue(), kOther.queue);
  EXPECT_EQ(second.message.subscriptions(0).relay().state(), v1::RELAY_STATE_REFUSED);
  EXPECT_EQ(second.message.subscriptions(0).relay().last_error(), "no permission");
  EXPECT_TRUE(second.message.next_page_token().empty());
}

// Invariant 4: an answer is never UNKNOWN when the truth is "not sure".
TEST_F(SubscriptionsTest, UnknownIsNotSureUntilTheRelayHasCaughtUp) {
  start();
  ASSERT_TRUE(client().statuses({"nosuch"}).ok());
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  const auto unsure = client().statuses({"nosuch"});
  EXPECT_EQ(unsure.code, code::kUnavailable);
  EXPECT_THAT(unsure.error, HasSubstr(kJobSet.name));
  EXPECT_EQ(client().statuses_by_uri(kJobSet, "airflow://x").code, code::kUnavailable);
  EXPECT_TRUE(client().statuses_by_uri(kOther, "airflow://x").ok()) << "another job set";
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_CATCHING_UP);
  EXPECT_EQ(client().statuses({"nosuch"}).code, code::kUnavailable);
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(settles());
}

TEST_F(SubscriptionsTest, NobodyWaitsForAJobSetThatNobodyWants) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  EXPECT_EQ(client().statuses({"nosuch"}).code, code::kUnavailable);
  ASSERT_TRUE(client().unsubscribe(kJobSet, "dag").ok());
  EXPECT_TRUE(settles());
}

TEST_F(SubscriptionsTest, Invariant4WhatARelaySaidBeforeARestartDoesNotCount) {
  options_.subscriptions.relay_ask_after = std::chrono::minutes(5);
  start();
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  ASSERT_TRUE(settles());
  reader_.set_written(kJobSet, clock_.now());
  restart_log();
  start();
  EXPECT_EQ(client().statuses({"nosuch"}).code, code::kUnavailable);
  EXPECT_FALSE(client().summary(kJobSet).message.complete());
  EXPECT_EQ(appended_subscriptions(), 1) << "it is not asked yet";
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(settles());
}

TEST_F(SubscriptionsTest, Invariant4ASilentOwnerIsAskedAndNeverBelievedByTimeAlone) {
  options_.subscriptions.relay_ask_after = std::chrono::milliseconds(1);
  options_.subscriptions.wake_interval = std::chrono::milliseconds(50);
  start();
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  reader_.set_written(kJobSet, clock_.now());
  restart_log();
  start();
  const int before = appended_subscriptions();
  ASSERT_TRUE(
      test_support::eventually(kSoon, [&] { return appended_subscriptions() >= before + 3; }));
  EXPECT_EQ(client().statuses({"nosuch"}).code, code::kUnavailable);
  EXPECT_THAT(subscribers(kJobSet), ElementsAre("dag")) << "asking is no subscription";
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(settles());
}

TEST_F(SubscriptionsTest, Invariant4AMissWakesWhatRestsAndChangesNoLease) {
  options_.subscriptions.wake_interval = std::chrono::hours(1);
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  reader_.set_relay(kOther, internal::v1::RELAY_STATE_PARKED);  // nobody wants it
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_PARKED);
  const int before = appended_subscriptions();
  EXPECT_EQ(client().statuses({"nosuch"}).code, code::kUnavailable);
  EXPECT_EQ(client().details({"nosuch"}, false, false).code, code::kUnavailable);
  EXPECT_EQ(client().statuses_by_uri(kJobSet, "airflow://x").code, code::kUnavailable);
  EXPECT_EQ(appended_subscriptions(), before + 1) << "once in the interval";
  EXPECT_THAT(subscribers(kJobSet), ElementsAre("dag"));
  EXPECT_TRUE(subscribers(kOther).empty());
}

TEST_F(SubscriptionsTest, PollsByIdKeepAWantedJobSetAndTakeUpNoOther) {
  options_.subscriptions.poll_lease = std::chrono::seconds(20);
  options_.subscriptions.poll_check_interval = std::chrono::milliseconds(20);
  options_.subscriptions.poll_check_page = 1;
  start();
  const base::JobSet lasting{"q-a", "lasting"};
  ASSERT_TRUE(client().subscribe(kJobSet, "dag", 2).ok());
  ASSERT_TRUE(client().subscribe(lasting, "dag", 3600).ok());
  reader_.set_asked({kJobSet, kOther, lasting});
  ASSERT_TRUE(test_support::eventually(kSoon, [this] {
    return subscribers(kJobSet) == std::vector<std::string>{"dag", "jobservice"};
  }));
  EXPECT_TRUE(subscribers(kOther).empty());
  EXPECT_THAT(subscribers(lasting), ElementsAre("dag"));
  EXPECT_EQ(appended_subscriptions(), 3) << "it is renewed only when half of it is gone";
}

}  // namespace
}  // namespace armada_cache::query
