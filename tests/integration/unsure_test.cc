// Invariant 4: an answer is never UNKNOWN when the truth is "not sure".
#include <fstream>

#include "armada/api/submit.pb.h"
#include "tests/simulator/simulator.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
namespace code = test_support::code;

const std::string kNobodysJob = "01h00000000000000000nobody";

class Unsure : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 1, .jobs = 200};
    return options;
  }

  static int state_of(const CacheClient& client, const std::string& id) {
    const auto answer = client.statuses({id});
    if (!answer.ok()) return -answer.code;
    return answer.message.job_states().at(id);
  }
  static void expect_unsure(const CacheClient& client, const std::string& id) {
    const auto answer = client.statuses({id});
    EXPECT_EQ(answer.code, code::kUnavailable) << answer.message.ShortDebugString();
    EXPECT_TRUE(answer.retry_hint) << answer.error;
    EXPECT_NE(answer.error, "");
  }

  static v1::Relay relay_of(const CacheClient& client, const JobSet& job_set) {
    return client.summary(job_set).message.relay();
  }
  static bool reaches(const CacheClient& client, const JobSet& job_set, v1::RelayState state) {
    return eventually(kLong, [&] { return relay_of(client, job_set).state() == state; });
  }
  // Never said to be unknown until it is known to have ended.
  static bool becomes_right(const CacheClient& client, const std::string& job) {
    return eventually(kLong, [&] {
      const int state = state_of(client, job);
      EXPECT_NE(state, static_cast<int>(api::UNKNOWN));
      return state == static_cast<int>(api::SUCCEEDED);
    });
  }

  const JobSet job_set_{"q-a", "set-0"};
};

TEST_F(Unsure, Invariant4UnknownIdsAreUnavailableWhileArmadaIsAway) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  expect_unsure(client, kNobodysJob);
  const auto details = client.details({kNobodysJob}, false, false);
  EXPECT_EQ(details.code, code::kUnavailable);
  const auto poll = client.poll(job_set_, kNobodysJob);
  EXPECT_FALSE(poll.ok() &&
               poll.message.state() == jobservice::JobServiceResponse::JOB_ID_NOT_FOUND);
}

TEST_F(Unsure, Invariant4KnownJobsAreAnsweredWhileArmadaIsAwayAndUnknownOnesAreNot) {
  simulator::Simulator sim(world());
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended() && client.caught_up(job_set_); }));
  EXPECT_EQ(state_of(client, kNobodysJob), static_cast<int>(api::UNKNOWN));

  const auto job = sim.account().jobs.front();
  sim.stop();
  ASSERT_TRUE(eventually(kLong, [&] { return !client.caught_up(job_set_); }));
  expect_unsure(client, kNobodysJob);
  EXPECT_EQ(state_of(client, job.id), static_cast<int>(job.expected));

  ASSERT_TRUE(sim.restart());
  EXPECT_TRUE(eventually(
      kLong, [&] { return state_of(client, kNobodysJob) == static_cast<int>(api::UNKNOWN); }));
}

TEST_F(Unsure, Invariant4NoJobIsUnknownWhileItsRelayIsCatchingUp) {
  simulator::Options slow = world();
  slow.faults.delay_first = milliseconds(500);
  slow.faults.delay_between = milliseconds(1);
  simulator::Simulator sim(slow);
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended(); }));
  const auto jobs = sim.account().jobs;
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());

  const std::string& last = jobs.back().id;
  int unsure = 0;
  ASSERT_TRUE(eventually(kLong, [&] {
    const int state = state_of(client, last);
    EXPECT_NE(state, static_cast<int>(api::UNKNOWN));
    if (state == -code::kUnavailable) ++unsure;
    return state == static_cast<int>(jobs.back().expected);
  }));
  EXPECT_GT(unsure, 0) << "it was never asked while catching up";
}

TEST_F(Unsure, Invariant4KnownJobsAreNeverUnknownAcrossARestart) {
  simulator::Simulator sim(world());
  const std::string address = sim.start().value();
  std::string job;
  {
    CacheProcess cache(options(address));
    const CacheClient client(cache.grpc_address());
    ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
    ASSERT_TRUE(eventually(kLong, [&] { return sim.ended() && client.caught_up(job_set_); }));
    job = sim.account().jobs.front().id;
    cache.kill();
  }
  // Thrown away, the projection begins at position 0: for a while the log is far behind.
  std::filesystem::remove_all(data_dir() / "projection");
  CacheProcess cache(options(address));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(eventually(kLong, [&] {
    const int state = state_of(client, job);
    EXPECT_NE(state, static_cast<int>(api::UNKNOWN));
    return state >= 0;
  }));
}

TEST_F(Unsure, Invariant4AMissingJobSetOrQueueIsAFinalAnswerAndARefusedOneIsDoubt) {
  simulator::Options refusing = world();
  refusing.faults.refused_queues = {"q-refused"};
  refusing.queues = {{"q-refused"}};
  simulator::Simulator sim(refusing);
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe({"q-a", "no such set"}, "test", 3600).ok());
  ASSERT_TRUE(client.subscribe({"no such queue", "set"}, "test", 3600).ok());
  EXPECT_TRUE(eventually(
      kLong, [&] { return state_of(client, kNobodysJob) == static_cast<int>(api::UNKNOWN); }));
  const JobSet refused{"q-refused", "set"};
  ASSERT_TRUE(client.subscribe(refused, "test", 3600).ok());
  expect_unsure(client, kNobodysJob);
  ASSERT_TRUE(reaches(client, refused, v1::RELAY_STATE_REFUSED));
  expect_unsure(client, kNobodysJob);
}

TEST_F(Unsure, Invariant4AnExpiredTokenMakesNoJobUnknown) {
  simulator::Options guarded = world();
  guarded.users = {{.name = "cache", .password = "", .token = "right"}};
  guarded.job_seconds = 0.1;
  simulator::Simulator sim(guarded);
  const auto token = folder_.path() / "token";
  std::ofstream(token) << "right";
  CacheProcess cache(options(sim.start().value(), {"--armada-token-file=" + token.string(),
                                                   "--armada-plaintext-credentials=true",
                                                   "--retry-max=1s", "--refused-retry=1s"}));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended() && client.caught_up(job_set_); }));

  std::ofstream(token) << "wrong";
  ASSERT_TRUE(eventually(kLong, [&] {
    sim.disconnect_all();
    return relay_of(client, job_set_).state() == v1::RELAY_STATE_REFUSED;
  }));
  const std::string job = sim.submit(job_set_, {}).value();
  expect_unsure(client, job);
  EXPECT_FALSE(client.summary(job_set_).message.complete());
  std::ofstream(token) << "right";
  EXPECT_TRUE(becomes_right(client, job));
}

TEST_F(Unsure, Invariant4AJobSubmittedIntoAParkedJobSetIsNeverUnknown) {
  simulator::Options quick = world();
  quick.job_seconds = 0.1;
  simulator::Simulator sim(quick);
  CacheProcess cache(options(sim.start().value(), {"--park-after=1s", "--park-check=1h"}));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended() && client.caught_up(job_set_); }));
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(reaches(client, job_set_, v1::RELAY_STATE_PARKED));
    const std::string job = sim.submit(job_set_, {}).value();
    EXPECT_TRUE(becomes_right(client, job));
  }
  v1::ListSubscriptionsRequest all;
  EXPECT_EQ(client.subscriptions(all).message.subscriptions_size(), 1) << "waking is no lease";
}

TEST_F(Unsure, Invariant4AStoppedJobSetsJobsAreAsOfTheLastConnection) {
  simulator::Simulator sim(world());
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended() && client.caught_up(job_set_); }));
  ASSERT_TRUE(client.unsubscribe(job_set_, "test").ok());
  ASSERT_TRUE(reaches(client, job_set_, v1::RELAY_STATE_STOPPED));
  const auto connected = relay_of(client, job_set_).connected();
  const auto millis = connected.seconds() * 1000 + connected.nanos() / 1'000'000;
  const std::string job = sim.account().jobs.front().id;
  // Older than that for a moment, while other partitions may lack what was just caught up with.
  const auto becomes_as_of_then = [&](const auto& ask) {
    return eventually(kLong, [&] {
      const auto metadata = ask().metadata;
      const auto as_of = metadata.find("armada-cache-as-of");
      if (as_of == metadata.end()) return false;
      EXPECT_LE(std::stoll(as_of->second), millis);
      return std::stoll(as_of->second) == millis;
    });
  };
  EXPECT_TRUE(becomes_as_of_then([&] { return client.statuses({job}); }));
  EXPECT_TRUE(becomes_as_of_then([&] { return client.details({job}, false, false); }));
  const auto summary = client.summary(job_set_).message;
  EXPECT_FALSE(summary.complete());
  EXPECT_NE(summary.doubt(), "");
}

TEST_F(Unsure, PollsByIdAloneKeepAJobSetFollowedAndItEndsWithThem) {
  simulator::Simulator sim(world());
  CacheProcess cache(options(sim.start().value(), {"--poll-lease=4s"}));
  const CacheClient client(cache.grpc_address());
  const auto subscribed = client.subscribe(job_set_, "test", 3);
  ASSERT_TRUE(subscribed.ok());
  const auto first_end = subscribed.message.lease_expires().seconds();
  ASSERT_TRUE(eventually(kLong, [&] {
    return !sim.account().jobs.empty() && state_of(client, sim.account().jobs.front().id) >= 0;
  }));
  const std::string job = sim.account().jobs.front().id;
  EXPECT_TRUE(eventually(kLong, [&] {
    EXPECT_GE(state_of(client, job), 0);
    const auto leases = client.subscriptions({}).message.subscriptions();
    EXPECT_GT(leases.size(), 0) << "it was let go while it was polled";
    if (leases.empty()) return true;
    return leases.rbegin()->lease_expires().seconds() > first_end + 6;
  }));
  EXPECT_TRUE(
      eventually(kLong, [&] { return client.subscriptions({}).message.subscriptions().empty(); }));
  EXPECT_TRUE(reaches(client, job_set_, v1::RELAY_STATE_STOPPED));
}

TEST_F(Unsure, Invariant4AnswersTellSinceWhenTheyAreTrue) {
  simulator::Simulator sim(world());
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return client.caught_up(job_set_); }));
  const auto answer = client.statuses({sim.account().jobs.front().id});
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_TRUE(answer.metadata.contains("armada-cache-as-of")) << "no freshness metadata";
}

}  // namespace
}  // namespace armada_cache
