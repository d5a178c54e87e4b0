// Invariant 6 over Kafka: a broker whose disk is full is reported and survived; nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "armada/api/submit.pb.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::eventually;
using test_support::ExitStatus;
using test_support::http_get;
using test_support::metric;
using test_support::metric_sum;
using test_support::TierProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::seconds kLong{60};
constexpr int kPartitions = 4;
constexpr int kJobSets = 6;

class FullBrokerDisk : public testing::Test {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.job_seconds = 2;
    return options;
  }
  static base::JobSet job_set(int number) { return {"q", "set-" + std::to_string(number)}; }

  void SetUp() override {
    submit(5);
    for (int i = 0; i < kJobSets; ++i) {
      ASSERT_TRUE(eventually(kLong, [&] { return client_.subscribe(job_set(i), "test").ok(); }));
    }
  }
  // Jobs that live for job_seconds from now on.
  void submit(int jobs_each) {
    for (int i = 0; i < kJobSets * jobs_each; ++i) {
      last_job_ = armada_.submit(job_set(i % kJobSets), api::Job()).value();
    }
  }
  simulator::Account ended() {
    EXPECT_TRUE(eventually(kLong, [&] { return armada_.ended(); }));
    return armada_.account();
  }

  // In answers for machines, and in its log for people.
  void expect_ingest_says_it() {
    const std::string address = cache_.ingest().http_address();
    test_support::HttpAnswer ready;
    EXPECT_TRUE(eventually(kLong, [&] {
      ready = http_get(address, "/readyz");
      return ready.status == 503 && ready.body.find("has not stored") != std::string::npos;
    })) << ready.body;
    EXPECT_THAT(ready.body, AllOf(HasSubstr("armada.events"), HasSubstr(kafka_.servers())));
    std::string metrics;
    EXPECT_TRUE(eventually(kLong, [&] {
      metrics = http_get(address, "/metrics").body;
      return metric(metrics, "armada_cache_ready") == 0 &&
             metric(metrics, "armada_cache_log_writable") == 0;
    }));
    EXPECT_GT(metric_sum(metrics, "armada_cache_ingest_append_failures_total"), 0);
    EXPECT_THAT(cache_.ingest().process().standard_error(),
                AllOf(HasSubstr("has not stored an append to partition"),
                      HasSubstr("check that the brokers run")));
  }
  void expect_ingest_goes_on() {
    std::string metrics;
    EXPECT_TRUE(eventually(kLong, [&] {
      metrics = http_get(cache_.ingest().http_address(), "/metrics").body;
      return metric(metrics, "armada_cache_ready") == 1 &&
             metric(metrics, "armada_cache_log_writable") == 1;
    }));
    EXPECT_EQ(http_get(cache_.ingest().http_address(), "/readyz").status, 200);
  }

  void check_log(const simulator::Account& account) {
    const auto log = test_support::open_log(kafka_.servers());
    const auto contents = test_support::read_log(*log, kPartitions);
    EXPECT_THAT(compare_log(contents, account), IsEmpty());
    EXPECT_EQ(contents.unreadable, 0U);
  }

  test_support::TempDir folder_;
  test_support::KafkaCluster kafka_;
  simulator::Simulator armada_{world()};
  // Its ingest keeps its partitions, as in a cluster that has another broker for its groups.
  test_support::ThreeTiers cache_{
      {.armada = armada_.start().value(),
       .kafka = kafka_.servers(),
       .folder = folder_.path(),
       .projectors = {"a"},
       .ingest_session = kLong,
       .ingest_more = {"--kafka-request-timeout=1s", "--kafka-delivery-timeout=1s"}}};
  const CacheClient client_{cache_.grpc_address()};
  std::string last_job_;
};

TEST_F(FullBrokerDisk, Invariant6IsReportedAndGoneOnFromWhenThereIsRoom) {
  const auto before = ended();
  ASSERT_THAT(compare_answers_until(kLong, client_, before), IsEmpty());
  submit(20);
  const auto broker = kafka_.fill_disk(0, kLong);
  ASSERT_TRUE(broker && broker->signal == 0) << "a broker without room ends: " << to_text(broker);
  submit(20);
  const auto all = ended();
  expect_ingest_says_it();
  // What is known is answered, and what may be on its way is no job that there is not.
  EXPECT_THAT(compare_answers(client_, before), IsEmpty());
  const auto unknown = client_.statuses({last_job_});
  EXPECT_EQ(unknown.code, test_support::code::kUnavailable) << unknown.error;

  kafka_.start(0);
  kafka_.wait_until_ready();
  EXPECT_THAT(compare_answers_until(kLong, client_, all), IsEmpty());
  expect_ingest_goes_on();
  for (TierProcess* tier : {&cache_.ingest(), &cache_.projector(0), &cache_.query()}) {
    tier->process().send(SIGTERM);
    EXPECT_EQ(tier->process().wait_for_exit(kLong), (ExitStatus{0, 0}));
  }
  check_log(all);
  if (HasFailure()) std::cout << cache_.standard_error() << std::endl;
}

}  // namespace
}  // namespace armada_cache
