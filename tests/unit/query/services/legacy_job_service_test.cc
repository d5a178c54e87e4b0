// jobservice.JobService over real gRPC.
#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

using jobservice::JobServiceResponse;

class JobServiceTest : public QueryTest {
 protected:
  JobServiceTest() { options_.certainty_wait = std::chrono::milliseconds(40); }

  void follow() { reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING); }
};

TEST_F(JobServiceTest, FirstPollSubscribesAndLaterOnesDoNot) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  for (int i = 0; i < 20; ++i) {
    const auto answer = client().poll(kJobSet, "job");
    ASSERT_TRUE(answer.ok()) << answer.error;
    EXPECT_EQ(answer.message.state(), JobServiceResponse::RUNNING);
  }
  EXPECT_EQ(appended_subscriptions(), 1);
  const auto listed = client().subscriptions({});
  ASSERT_EQ(listed.message.subscriptions_size(), 1);
  EXPECT_EQ(listed.message.subscriptions(0).subscriber(), "jobservice");
  EXPECT_EQ(listed.message.subscriptions(0).origin(), "jobservice");
}

TEST_F(JobServiceTest, PollsRenewTheLeaseOnceHalfOfItIsGone) {
  options_.subscriptions.poll_lease = std::chrono::seconds(2);
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  EXPECT_TRUE(test_support::eventually(kSoon, [this] {
    EXPECT_TRUE(client().poll(kJobSet, "job").ok());
    EXPECT_EQ(client().subscriptions({}).message.subscriptions_size(), 1) << "lapsed";
    return appended_subscriptions() >= 3;
  }));
}

TEST_F(JobServiceTest, MapsStates) {
  start();
  const std::vector<std::pair<api::JobState, JobServiceResponse::State>> states{
      {api::QUEUED, JobServiceResponse::SUBMITTED},
      {api::PENDING, JobServiceResponse::SUBMITTED},
      {api::LEASED, JobServiceResponse::SUBMITTED},
      {api::SUBMITTED, JobServiceResponse::SUBMITTED},
      {api::RUNNING, JobServiceResponse::RUNNING},
      {api::SUCCEEDED, JobServiceResponse::SUCCEEDED},
      {api::FAILED, JobServiceResponse::FAILED},
      {api::REJECTED, JobServiceResponse::FAILED},
      {api::PREEMPTED, JobServiceResponse::FAILED},
      {api::CANCELLED, JobServiceResponse::CANCELLED}};
  for (const auto& [state, expected] : states) {
    reader_.put("job", kJobSet, state);
    reader_.change("job", [](FakeReader::Job& job) { job.record.set_error("why"); });
    const auto answer = client().poll(kJobSet, "job");
    ASSERT_TRUE(answer.ok()) << answer.error;
    EXPECT_EQ(answer.message.state(), expected) << api::JobState_Name(state);
    EXPECT_EQ(answer.message.error(), expected == JobServiceResponse::FAILED ? "why" : "");
  }
}

TEST_F(JobServiceTest, NotFoundOnlyOnceTheRelayHasCaughtUp) {
  start();
  EXPECT_EQ(client().poll(kJobSet, "nosuch").code, code::kUnavailable);
  for (const auto state : {internal::v1::RELAY_STATE_CATCHING_UP,
                           internal::v1::RELAY_STATE_RETRYING, internal::v1::RELAY_STATE_REFUSED,
                           internal::v1::RELAY_STATE_STOPPED, internal::v1::RELAY_STATE_PARKED}) {
    reader_.set_relay(kJobSet, state, "told by Armada");
    const auto answer = client().poll(kJobSet, "nosuch");
    EXPECT_EQ(answer.code, code::kUnavailable) << state;
    EXPECT_TRUE(answer.retry_hint);
  }
  follow();
  ASSERT_TRUE(
      test_support::eventually(kSoon, [&] { return client().poll(kJobSet, "nosuch").ok(); }));
  EXPECT_EQ(client().poll(kJobSet, "nosuch").message.state(), JobServiceResponse::JOB_ID_NOT_FOUND);
  reader_.set_doubt("behind");
  EXPECT_EQ(client().poll(kJobSet, "nosuch").code, code::kUnavailable);
}

TEST_F(JobServiceTest, TellsWhyARelayIsRefused) {
  start();
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_REFUSED, "Queue q-a does not exist");
  ASSERT_TRUE(test_support::eventually(kSoon, [&] {
    return client().poll(kJobSet, "nosuch").error.find("Queue q-a does not exist") !=
           std::string::npos;
  }));
}

TEST_F(JobServiceTest, JobOfAnotherJobSetIsNotFound) {
  reader_.put("job", kOther, api::RUNNING);
  follow();
  start();
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return client().poll(kJobSet, "job").ok(); }));
  EXPECT_EQ(client().poll(kJobSet, "job").message.state(), JobServiceResponse::JOB_ID_NOT_FOUND);
}

TEST_F(JobServiceTest, AnUnknownJobWakesAParkedRelay) {
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_PARKED);
  reader_.put("done", kJobSet, api::SUCCEEDED);
  start();
  EXPECT_TRUE(client().poll(kJobSet, "done").ok());
  EXPECT_EQ(appended_subscriptions(), 1);
  EXPECT_TRUE(test_support::eventually(kSoon, [this] {
    EXPECT_EQ(client().poll(kJobSet, "new").code, code::kUnavailable);
    return appended_subscriptions() >= 2;
  }));
}

TEST_F(JobServiceTest, NamesAreChecked) {
  start();
  EXPECT_EQ(client().poll({"", "set"}, "job").code, code::kInvalidArgument);
  EXPECT_EQ(client().poll({"q", ""}, "job").code, code::kInvalidArgument);
}

TEST_F(JobServiceTest, ReportsHealth) {
  start();
  const auto answer = client().call_raw("/jobservice.JobService/Health", "");
  jobservice::HealthCheckResponse response;
  ASSERT_TRUE(answer.ok() && response.ParseFromString(answer.message)) << answer.error;
  EXPECT_EQ(response.status(), jobservice::HealthCheckResponse::SERVING);
}

}  // namespace
}  // namespace armada_cache::query
