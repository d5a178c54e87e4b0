// Every answer of Armada's has a defined effect on the job set's relay, told in words.
#include "armada/api/submit.pb.h"
#include "tests/simulator/simulator.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using testing::HasSubstr;

class ArmadaAnswers : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.job_seconds = 0.3;
    options.queues = {{"q-a"}, {"q-refused"}, {"q-no-credentials"}};
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 1, .jobs = 20};
    options.faults.refused_queues = {"q-refused"};
    options.faults.unauthenticated_queues = {"q-no-credentials"};
    return options;
  }

  void expect_relay(const JobSet& job_set, v1::RelayState state, const std::string& word) {
    ASSERT_TRUE(client_.subscribe(job_set, "test", 3600).ok());
    v1::Relay relay;
    EXPECT_TRUE(eventually(kLong, [&] {
      relay = client_.summary(job_set).message.relay();
      return relay.state() == state;
    })) << relay.ShortDebugString();
    EXPECT_THAT(relay.last_error(), HasSubstr(word));
  }

  simulator::Simulator sim_{world()};
  CacheProcess cache_{options(sim_.start().value())};
  CacheClient client_{cache_.grpc_address()};
};

TEST_F(ArmadaAnswers, AnUnknownQueueIsGoneByName) {
  expect_relay({"q-nosuch", "set"}, v1::RELAY_STATE_GONE, "q-nosuch");
}
TEST_F(ArmadaAnswers, ARefusedPermissionIsTold) {
  expect_relay({"q-refused", "set"}, v1::RELAY_STATE_REFUSED, "q-refused");
}
TEST_F(ArmadaAnswers, RefusedCredentialsAreTold) {
  expect_relay({"q-no-credentials", "set"}, v1::RELAY_STATE_REFUSED, "");
  EXPECT_NE(client_.summary({"q-no-credentials", "set"}).message.relay().last_error(), "");
}

TEST_F(ArmadaAnswers, AMissingJobSetIsGoneAndFollowedWhenItComes) {
  const JobSet job_set{"q-a", "later"};
  expect_relay(job_set, v1::RELAY_STATE_GONE, "later");
  const auto job = sim_.submit(job_set, {});
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_TRUE(eventually(kLong, [&] {
    const auto answer = client_.statuses({*job});
    return answer.ok() && answer.message.job_states().at(*job) == api::SUCCEEDED;
  }));
}

TEST_F(ArmadaAnswers, OneBrokenJobSetHarmsNoOther) {
  expect_relay({"q-refused", "set"}, v1::RELAY_STATE_REFUSED, "");
  ASSERT_TRUE(client_.subscribe({"q-a", "set-0"}, "test", 3600).ok());
  EXPECT_TRUE(eventually(kLong, [&] { return client_.caught_up({"q-a", "set-0"}); }));
}

TEST_F(ArmadaAnswers, AStoppedServerIsRetriedByItself) {
  const JobSet job_set{"q-a", "set-0"};
  ASSERT_TRUE(client_.subscribe(job_set, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return client_.caught_up(job_set); }));
  sim_.stop();
  expect_relay(job_set, v1::RELAY_STATE_RETRYING, "");
  ASSERT_TRUE(sim_.restart());
  EXPECT_TRUE(eventually(kLong, [&] { return client_.caught_up(job_set); }));
}

// Armada forgot what lay behind our cursor, and says nothing about it: what remains is followed.
TEST_F(ArmadaAnswers, AStaleCursorGoesOnWithWhatRemains) {
  const JobSet job_set{"q-a", "set-0"};
  ASSERT_TRUE(client_.subscribe(job_set, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended() && client_.caught_up(job_set); }));
  sim_.stop();
  sim_.trim(job_set, 1);
  ASSERT_TRUE(sim_.restart());
  const auto job = sim_.submit(job_set, {});
  EXPECT_TRUE(eventually(kLong, [&] {
    const auto answer = client_.statuses({*job});
    return answer.ok() && answer.message.job_states().at(*job) == api::SUCCEEDED;
  }));
}

}  // namespace
}  // namespace armada_cache
