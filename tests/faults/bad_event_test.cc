// Invariant 6: what Armada sends, however odd, stops nothing and costs no job its events.
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"
#include "tests/support/http_get.h"

namespace armada_cache {
namespace {

using base::JobSet;
using simulator::FaultOptions;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using test_support::http_get;
using test_support::metric_sum;
using testing::IsEmpty;

class BadEvent : public test_support::EndToEnd {
 protected:
  // Follows a load with this fault to its end: every job must come out right, every message must be
  // in the log, and records that cannot be applied, if these are such, must be counted.
  void follow(double FaultOptions::*fault, double probability, const std::string& kind,
              bool kept_aside) {
    simulator::Options world;
    world.listen = "127.0.0.1:0";
    world.load = {.queues = {"q-a", "q-b"}, .prefix = "set-", .job_sets = 4, .jobs = 100};
    world.faults.*fault = probability;
    simulator::Simulator sim(world);
    CacheProcess cache(options(sim.start().value(), {"--partitions=2"}));
    const CacheClient client(cache.grpc_address());
    ASSERT_TRUE(eventually(kLong, [&] { return sim.ended(); }));
    const auto account = sim.account();
    ASSERT_GT(account.injected.at(kind), 0U);
    for (const auto& one : account.job_sets) {
      ASSERT_TRUE(client.subscribe(one.job_set, "test", 3600).ok());
    }
    expect_right(client, account);
    const std::string scrape = http_get(cache.http_address(), "/metrics").body;
    const double rejected = metric_sum(scrape, "armada_cache_projector_rejected_records_total");
    if (kept_aside) {
      EXPECT_GE(rejected, static_cast<double>(account.injected.at(kind)) / 3) << kind;
    } else {
      EXPECT_EQ(rejected, 0) << kind;
    }
    ASSERT_EQ(cache.stop(), (test_support::ExitStatus{0, 0})) << cache.process().standard_error();
    expect_all_in_the_log(account, kind);
  }

  static void expect_right(const CacheClient& client, const simulator::Account& account) {
    for (const auto& one : account.job_sets) {
      EXPECT_TRUE(eventually(kLong, [&] { return client.caught_up(one.job_set); }));
    }
    EXPECT_THAT(compare_answers_until(kLong, client, account), IsEmpty());
  }

  void expect_all_in_the_log(const simulator::Account& account, const std::string& kind) const {
    const auto log = test_support::read_log(data_dir(), 2);
    EXPECT_EQ(log.records, account.messages);
    if (kind == "garbage" || kind == "truncated") {
      EXPECT_EQ(log.unreadable, account.injected.at(kind));
    } else {
      EXPECT_THAT(compare_log(log, account), IsEmpty());
    }
  }
};

TEST_F(BadEvent, Invariant6UnknownKindsFieldsAndEnumValues) {
  follow(&FaultOptions::unknown_kind_probability, 0.1, "unknown_kind", true);
}
TEST_F(BadEvent, Invariant6EventsWithoutAJobId) {
  follow(&FaultOptions::no_job_id_probability, 0.1, "no_job_id", true);
}
TEST_F(BadEvent, Invariant6FiveMegabyteMessages) {
  follow(&FaultOptions::oversized_probability, 0.004, "oversized", false);
}
TEST_F(BadEvent, Invariant6TruncatedMessages) {
  follow(&FaultOptions::truncated_probability, 0.1, "truncated", true);
}
TEST_F(BadEvent, Invariant6MessagesThatAreNoProtobuf) {
  follow(&FaultOptions::garbage_probability, 0.1, "garbage", true);
}
TEST_F(BadEvent, Invariant6RepeatsUnderNewIds) {
  follow(&FaultOptions::duplicate_probability, 0.3, "duplicate", false);
}
TEST_F(BadEvent, Invariant2LateEventsAfterTerminalOnes) {
  follow(&FaultOptions::late_probability, 0.9, "late", false);
}
TEST_F(BadEvent, Invariant6EventsThatNameForeignJobs) {
  follow(&FaultOptions::foreign_probability, 0.3, "foreign", false);
}

TEST_F(BadEvent, Invariant1BrokenStreamsLoseAndRepeatNothing) {
  simulator::Options world;
  world.listen = "127.0.0.1:0";
  world.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 4, .jobs = 200};
  world.faults.disconnect_after = 300;
  simulator::Simulator sim(world);
  CacheProcess cache(options(sim.start().value(), {"--partitions=2"}));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended(); }));
  const auto account = sim.account();
  for (const auto& one : account.job_sets) {
    ASSERT_TRUE(client.subscribe(one.job_set, "test", 3600).ok());
  }
  expect_right(client, account);
  ASSERT_EQ(cache.stop(), (test_support::ExitStatus{0, 0}));
  const auto log = test_support::read_log(data_dir(), 2);
  EXPECT_THAT(compare_log(log, account), IsEmpty());
  EXPECT_EQ(log.repeats, 0U) << "a broken stream is resumed behind the last message";
}

// Ids that no Armada makes: the message is kept aside, and those around it take effect.
TEST_F(BadEvent, Invariant6MalformedMessageIds) {
  simulator::Options world;
  world.listen = "127.0.0.1:0";
  world.job_seconds = 0.3;
  world.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 1, .jobs = 50};
  simulator::Simulator sim(world);
  CacheProcess cache(options(sim.start().value()));
  const CacheClient client(cache.grpc_address());
  const JobSet job_set{"q-a", "set-0"};
  ASSERT_TRUE(eventually(kLong, [&] { return sim.ended(); }));
  ASSERT_TRUE(client.subscribe(job_set, "test", 3600).ok());
  for (const std::string id :
       {"garbage", "", "1:2", "-1:0:0:1", "1:2:3:4:5", "99999999999999999999999:0:0:1"}) {
    sim.emit_raw(job_set, "\x0a" + std::string(1, static_cast<char>(id.size())) + id);
  }
  const auto submitted = sim.submit(job_set, {});
  ASSERT_TRUE(submitted) << submitted.error().message;
  EXPECT_TRUE(eventually(kLong, [&] {
    const auto answer = client.statuses({*submitted});
    return answer.ok() && answer.message.job_states().at(*submitted) == api::SUCCEEDED;
  }));
  expect_right(client, sim.account());
}

}  // namespace
}  // namespace armada_cache
