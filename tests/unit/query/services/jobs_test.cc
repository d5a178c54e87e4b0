// api.Jobs over real gRPC.
#include <thread>

#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using Ids = test_support::CacheClient::Ids;

class JobsTest : public QueryTest {
 protected:
  void SetUp() override {
    options_.certainty_wait = std::chrono::milliseconds(40);
    reader_.put("job-1", kJobSet, api::RUNNING);
    reader_.put("job-2", kJobSet, api::QUEUED);
    reader_.put("job-3", kOther, api::FAILED);
  }
};

TEST_F(JobsTest, AnswersStatesAndUnknownExplicitly) {
  start();
  const auto answer = client().statuses({"job-1", "nosuch", "job-2", "", "job-3"});
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_THAT(answer.message.job_states(),
              UnorderedElementsAre(Pair("job-1", api::RUNNING), Pair("nosuch", api::UNKNOWN),
                                   Pair("job-2", api::QUEUED), Pair("", api::UNKNOWN),
                                   Pair("job-3", api::FAILED)));
  EXPECT_EQ(metadata(answer, "armada-cache-as-of"), std::to_string(FakeReader::kAsOfMillis));
}

TEST_F(JobsTest, AnswersEmptyRequests) {
  start();
  const auto statuses = client().statuses({});
  EXPECT_TRUE(statuses.ok()) << statuses.error;
  EXPECT_THAT(statuses.message.job_states(), IsEmpty());
  EXPECT_FALSE(metadata(statuses, "armada-cache-as-of").empty());
  const auto details = client().details({}, true, true);
  EXPECT_TRUE(details.ok()) << details.error;
  EXPECT_THAT(details.message.job_details(), IsEmpty());
  EXPECT_TRUE(client().errors({}).ok());
  EXPECT_TRUE(client().run_details({}).ok());
}

TEST_F(JobsTest, RepeatedIdsAreAskedForOnce) {
  start();
  const auto answer = client().statuses({"job-1", "job-2", "job-1", "job-1"});
  EXPECT_EQ(answer.message.job_states_size(), 2);
  EXPECT_THAT(reader_.id_counts(), ElementsAre(2));
}

TEST_F(JobsTest, RefusesMoreThanFiveHundredIdsAsArmadaDoes) {
  start();
  Ids ids(500, "job-1");
  EXPECT_TRUE(client().statuses(ids).ok());
  EXPECT_TRUE(client().details(ids, false, false).ok());
  ids.emplace_back("job-1");
  const auto expect_refused = [](const auto& answer, const std::string& text) {
    EXPECT_EQ(answer.code, code::kUnknown);
    EXPECT_EQ(answer.error, text);
  };
  expect_refused(client().statuses(ids), "request contained more than 500 jobIds");
  expect_refused(client().details(ids, false, false), "request contained more than 500 jobIds");
  expect_refused(client().errors(ids), "request contained more than 500 jobIds");
  expect_refused(client().run_details(ids), "request contained more than 500 RunIds");
}

TEST_F(JobsTest, LargeBatchesGoThroughTheWorkers) {
  options_.inline_ids = 10;
  start();
  Ids ids;
  for (int i = 0; i < 500; ++i) {
    ids.push_back("many-" + std::to_string(i));
    if (i % 2 == 0) reader_.put(ids.back(), kJobSet, api::SUCCEEDED);
  }
  const auto answer = client().statuses(ids);
  ASSERT_EQ(answer.message.job_states_size(), 500);
  EXPECT_EQ(answer.message.job_states().at("many-0"), api::SUCCEEDED);
  EXPECT_EQ(answer.message.job_states().at("many-1"), api::UNKNOWN);
}

// Invariant 4: an answer is never UNKNOWN when the truth is "not sure".
TEST_F(JobsTest, IsUnavailableRatherThanUnknownWhileNotSure) {
  reader_.set_doubt("partition 3 is behind");
  start();
  const auto answer = client().statuses({"job-1", "nosuch"});
  EXPECT_EQ(answer.code, code::kUnavailable);
  EXPECT_THAT(answer.error, HasSubstr("partition 3 is behind"));
  EXPECT_TRUE(answer.retry_hint);
  EXPECT_EQ(metadata(answer, "grpc-retry-pushback-ms"), "250");
  EXPECT_EQ(client().details({"job-1", "nosuch"}, false, false).code, code::kUnavailable);
  EXPECT_EQ(client().errors({"nosuch"}).code, code::kUnavailable);
  EXPECT_EQ(client().run_details({"nosuch-run-0"}).code, code::kUnavailable);
  EXPECT_EQ(client().statuses_by_uri(kJobSet, "airflow://nosuch").code, code::kUnavailable);
  EXPECT_EQ(client().active_queues().code, code::kUnavailable);

  EXPECT_TRUE(client().statuses({"job-1", "job-2"}).ok()) << "what is known needs no certainty";
  EXPECT_TRUE(client().details({"job-1"}, false, false).ok());
}

TEST_F(JobsTest, AsksAgainUntilItIsSure) {
  options_.certainty_wait = kSoon;
  reader_.set_doubt("behind");
  start();
  const int before = reader_.asked();
  std::thread settle([&] {
    test_support::eventually(kSoon, [&] { return reader_.asked() >= before + 3; });
    reader_.put("late", kJobSet, api::LEASED);
    reader_.set_doubt("");
  });
  const auto answer = client().statuses({"late", "nosuch"});
  settle.join();
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_THAT(answer.message.job_states(),
              UnorderedElementsAre(Pair("late", api::LEASED), Pair("nosuch", api::UNKNOWN)));
}

TEST_F(JobsTest, UnreadablePartitionIsUnavailable) {
  reader_.set_error(base::Error{base::ErrorCode::kUnavailable, "partition 2 cannot be read"});
  start();
  const auto answer = client().statuses({"job-1"});
  EXPECT_EQ(answer.code, code::kUnavailable);
  EXPECT_THAT(answer.error, HasSubstr("partition 2 cannot be read"));
}

TEST_F(JobsTest, OtherErrorsOfTheProjectionAreTold) {
  reader_.set_error(base::Error{base::ErrorCode::kDataLoss, "a block is damaged"});
  start();
  EXPECT_EQ(client().statuses({"job-1"}).error, "a block is damaged");
  EXPECT_EQ(client().details({"job-1"}, false, false).error, "a block is damaged");
}

TEST_F(JobsTest, DetailsLeaveOutUnknownIdsAndExpandOnDemand) {
  reader_.change("job-1", [](FakeReader::Job& job) {
    api::Job spec;
    spec.set_id("job-1");
    job.spec = spec.SerializeAsString();
    job.record.add_runs()->set_cluster("cluster-1");
    job.record.add_runs()->set_cluster("cluster-2");
  });
  start();
  const auto plain = client().details({"job-1", "nosuch", "job-1"}, false, false);
  ASSERT_TRUE(plain.ok()) << plain.error;
  ASSERT_EQ(plain.message.job_details_size(), 1);
  const api::JobDetails& bare = plain.message.job_details().at("job-1");
  EXPECT_EQ(bare.queue(), kJobSet.queue);
  EXPECT_EQ(bare.jobset(), kJobSet.name);
  EXPECT_EQ(bare.state(), api::RUNNING);
  EXPECT_EQ(bare.latest_run_id(), "job-1-run-1");
  EXPECT_FALSE(bare.has_job_spec());
  EXPECT_THAT(bare.job_runs(), IsEmpty());

  const auto expanded = client().details({"job-1"}, true, true);
  const api::JobDetails& full = expanded.message.job_details().at("job-1");
  EXPECT_EQ(full.job_spec().id(), "job-1");
  EXPECT_EQ(full.job_runs_size(), 2);
}

TEST_F(JobsTest, ErrorsAreEmptyForJobsWithoutOne) {
  reader_.change("job-3", [](FakeReader::Job& job) { job.record.set_error("out of memory"); });
  start();
  const auto answer = client().errors({"job-1", "job-3", "nosuch"});
  EXPECT_THAT(answer.message.job_errors(),
              UnorderedElementsAre(Pair("job-1", ""), Pair("job-3", "out of memory")));
}

TEST_F(JobsTest, RunDetailsAreFoundByRunId) {
  reader_.change("job-1", [](FakeReader::Job& job) {
    job.record.add_runs()->set_cluster("cluster-1");
    job.record.add_runs()->set_cluster("cluster-2");
  });
  start();
  const auto answer =
      client().run_details({"job-1-run-1", "job-1-run-7", "nonsense", "job-1-run-1"});
  ASSERT_TRUE(answer.ok()) << answer.error;
  ASSERT_EQ(answer.message.job_run_details_size(), 1);
  EXPECT_EQ(answer.message.job_run_details().at("job-1-run-1").cluster(), "cluster-2");
}

TEST_F(JobsTest, StatusesByExternalUri) {
  for (int i = 0; i < 1200; ++i) {
    const std::string id = "uri-" + std::to_string(i);
    reader_.put(id, kJobSet, api::PENDING);
    reader_.change(id, [](auto& job) { job.record.set_external_job_uri("airflow://a/b/c/-1"); });
  }
  for (int i = 0; i < 50; ++i) reader_.put("other-" + std::to_string(i), kJobSet, api::PENDING);
  reader_.set_list_scan(20);  // so that there are empty pages, too
  start();
  const auto answer = client().statuses_by_uri(kJobSet, "airflow://a/b/c/-1");
  EXPECT_EQ(answer.message.job_states_size(), 1200) << "all pages";
  const auto none = client().statuses_by_uri(kOther, "airflow://a/b/c/-1");
  EXPECT_TRUE(none.ok()) << none.error;
  EXPECT_THAT(none.message.job_states(), IsEmpty());
  const auto empty = client().statuses_by_uri(kJobSet, "");
  EXPECT_EQ(empty.code, code::kUnknown);
  EXPECT_EQ(empty.error, "request must contain external job uri");
}

TEST_F(JobsTest, AUriOfTooManyJobsOrInTooLargeAJobSetIsAnError) {
  options_.max_jobs_of_uri = 3;
  options_.max_pages_of_uri = 5;
  reader_.set_list_scan(1);
  for (const char* uri : {"three", "four"}) {
    for (int i = 0; i < (std::string(uri) == "three" ? 3 : 4); ++i) {
      const std::string id = uri + std::to_string(i);
      const base::JobSet& job_set = std::string(uri) == "three" ? kJobSet : kOther;
      reader_.put(id, job_set, api::PENDING);
      reader_.change(id, [uri](auto& job) { job.record.set_external_job_uri(uri); });
    }
  }
  start();
  EXPECT_EQ(client().statuses_by_uri(kJobSet, "three").code, code::kResourceExhausted) << "7 jobs";
  reader_.set_list_scan(2);
  EXPECT_EQ(client().statuses_by_uri(kJobSet, "three").message.job_states_size(), 3);
  const auto four = client().statuses_by_uri(kOther, "four");
  EXPECT_EQ(four.code, code::kResourceExhausted);
  EXPECT_THAT(four.error, HasSubstr("more than 3 jobs"));
}

TEST_F(JobsTest, ActiveQueuesByPool) {
  start();
  const auto answer = client().active_queues();
  ASSERT_EQ(answer.message.active_queues_by_pool_size(), 2);
  EXPECT_THAT(answer.message.active_queues_by_pool().at("default").queues(),
              UnorderedElementsAre("q-a", "q-b"));
  EXPECT_THAT(answer.message.active_queues_by_pool().at("gpu").queues(), ElementsAre("q-a"));
}

}  // namespace
}  // namespace armada_cache::query
