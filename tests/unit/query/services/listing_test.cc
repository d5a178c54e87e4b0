// ListJobs and GetJobSetSummary over real gRPC.
#include <set>

#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

class ListingTest : public QueryTest {
 protected:
  void SetUp() override {
    for (int i = 0; i < 25; ++i) {
      reader_.put("job-" + std::to_string(100 + i), kJobSet,
                  i % 5 == 0 ? api::FAILED : api::RUNNING);
    }
    reader_.put("job-of-other", kOther, api::RUNNING);
  }

  static v1::ListJobsRequest request(std::uint32_t page_size) {
    v1::ListJobsRequest made;
    made.set_queue(kJobSet.queue);
    made.set_job_set(kJobSet.name);
    made.set_page_size(page_size);
    return made;
  }
};

TEST_F(ListingTest, PagesHoldEachJobOnce) {
  start();
  std::multiset<std::string> ids;
  v1::ListJobsRequest page = request(10);
  int pages = 0;
  do {
    const auto answer = client().jobs(page);
    ASSERT_TRUE(answer.ok()) << answer.error;
    for (const auto& job : answer.message.jobs()) ids.insert(job.job_id());
    page.set_page_token(answer.message.next_page_token());
    ++pages;
  } while (!page.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 25U);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 25U);
  EXPECT_FALSE(ids.contains("job-of-other"));
}

TEST_F(ListingTest, AnEmptyPageMayHaveANextOne) {
  reader_.set_list_scan(3);
  start();
  v1::ListJobsRequest page = request(10);
  page.add_states(v1::JOB_STATE_FAILED);
  std::vector<std::string> ids;
  bool empty = false;
  do {
    const auto answer = client().jobs(page);
    ASSERT_TRUE(answer.ok()) << answer.error;
    for (const auto& job : answer.message.jobs()) ids.push_back(job.job_id());
    empty = empty || answer.message.jobs().empty();
    page.set_page_token(answer.message.next_page_token());
  } while (!page.page_token().empty());
  EXPECT_TRUE(empty);
  EXPECT_THAT(ids, testing::ElementsAre("job-100", "job-105", "job-110", "job-115", "job-120"));
}

TEST_F(ListingTest, ByState) {
  start();
  v1::ListJobsRequest failed = request(100);
  failed.add_states(v1::JOB_STATE_FAILED);
  const auto answer = client().jobs(failed);
  ASSERT_EQ(answer.message.jobs_size(), 5);
  EXPECT_EQ(answer.message.jobs(0).state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(answer.message.jobs(0).submitted().seconds(), 1'700'000'000);
}

TEST_F(ListingTest, StatesThatAreNoneAreRefused) {
  start();
  for (const int state : {-1, 11, 1'000'000}) {
    v1::ListJobsRequest page = request(10);
    page.mutable_states()->Add(state);
    const auto answer = client().jobs(page);
    EXPECT_EQ(answer.code, code::kInvalidArgument) << state;
    EXPECT_THAT(answer.error, testing::HasSubstr(std::to_string(state)));
  }
}

TEST_F(ListingTest, StatesHaveArmadasNumbers) {
  for (int state = api::JobState_MIN; state <= api::JobState_MAX; ++state) {
    ASSERT_TRUE(v1::JobState_IsValid(state)) << state;
    EXPECT_EQ(v1::JobState_Name(static_cast<v1::JobState>(state)),
              "JOB_STATE_" + api::JobState_Name(static_cast<api::JobState>(state)));
  }
  EXPECT_EQ(v1::JobState_MAX, static_cast<int>(api::JobState_MAX));
}

TEST_F(ListingTest, PageSizeIsCutToTheLimit) {
  options_.max_page_size = 7;
  options_.default_page_size = 3;
  start();
  EXPECT_EQ(client().jobs(request(1000)).message.jobs_size(), 7);
  EXPECT_EQ(client().jobs(request(0)).message.jobs_size(), 3);
}

TEST_F(ListingTest, BadPageTokensAreRefused) {
  start();
  v1::ListJobsRequest page = request(10);
  const std::string good = client().jobs(page).message.next_page_token();
  ASSERT_FALSE(good.empty());
  std::string flipped = good;
  flipped.back() = flipped.back() == '0' ? '1' : '0';
  for (const std::string& bad : {std::string("garbage"), good + "0", good.substr(2), flipped,
                                 std::string("00"), std::string(100'000, 'a')}) {
    page.set_page_token(bad);
    EXPECT_EQ(client().jobs(page).code, code::kInvalidArgument) << bad.substr(0, 40);
  }
  page.set_page_token(good);
  page.set_job_set("another");
  EXPECT_EQ(client().jobs(page).code, code::kInvalidArgument) << "of another listing";
  v1::ListSubscriptionsRequest subscriptions;
  subscriptions.set_page_token(good);
  EXPECT_EQ(client().subscriptions(subscriptions).code, code::kInvalidArgument);
  page.set_job_set(kJobSet.name);
  page.set_page_size(3);
  EXPECT_TRUE(client().jobs(page).ok()) << "the page size may change";
}

TEST_F(ListingTest, NeedsAJobSet) {
  start();
  EXPECT_EQ(client().jobs({}).code, code::kInvalidArgument);
  EXPECT_EQ(client().summary({"q", ""}).code, code::kInvalidArgument);
  v1::ListSubscriptionsRequest half;
  half.set_queue("q");
  EXPECT_EQ(client().subscriptions(half).code, code::kInvalidArgument);
}

TEST_F(ListingTest, SummaryCountsByState) {
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  start();
  const auto answer = client().summary(kJobSet);
  ASSERT_TRUE(answer.ok()) << answer.error;
  ASSERT_EQ(answer.message.counts_size(), 2);
  EXPECT_EQ(answer.message.counts(0).state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(answer.message.counts(0).jobs(), 20);
  EXPECT_EQ(answer.message.counts(1).state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(answer.message.counts(1).jobs(), 5);
  EXPECT_EQ(answer.message.relay().state(), v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(answer.message.complete());
  EXPECT_EQ(answer.message.as_of().seconds(), FakeReader::kAsOfMillis / 1000);
}

TEST_F(ListingTest, Invariant4ListsAndSummariesSayWhetherTheyAreComplete) {
  start();
  const auto complete = [this] {
    const auto page = client().jobs(request(10)).message;
    const auto summary = client().summary(kJobSet).message;
    EXPECT_EQ(page.complete(), summary.complete());
    EXPECT_EQ(page.complete(), page.doubt().empty());
    EXPECT_EQ(summary.complete(), summary.doubt().empty());
    EXPECT_TRUE(page.has_as_of());
    return page.complete();
  };
  EXPECT_FALSE(complete()) << "nobody follows it";
  for (int state = 0; state < internal::v1::RelayState_ARRAYSIZE; ++state) {
    reader_.set_relay(kJobSet, static_cast<internal::v1::RelayState>(state));
    EXPECT_EQ(complete(), state == internal::v1::RELAY_STATE_FOLLOWING ||
                              state == internal::v1::RELAY_STATE_GONE)
        << state;
  }
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(complete());
  reader_.set_doubt("behind");
  EXPECT_FALSE(complete());
}

TEST_F(ListingTest, Invariant4AUriSearchSaysWhetherItIsComplete) {
  options_.certainty_wait = std::chrono::milliseconds(40);
  reader_.change("job-100", [](auto& job) { job.record.set_external_job_uri("airflow://a"); });
  start();
  const auto doubt = [this](const std::string& uri) {
    const auto answer = client().statuses_by_uri(kJobSet, uri);
    return answer.ok() ? metadata(answer, "armada-cache-doubt") : "not ok";
  };
  EXPECT_NE(doubt("airflow://a"), "") << "nobody follows it";
  EXPECT_NE(doubt("airflow://b"), "");
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_REFUSED);
  EXPECT_NE(doubt("airflow://a"), "") << "there may be more";
  EXPECT_EQ(doubt("airflow://b"), "not ok");
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_EQ(doubt("airflow://a"), "");
  EXPECT_EQ(doubt("airflow://b"), "");
}

TEST_F(ListingTest, SummarySaysWhenItIsNotComplete) {
  start();
  ASSERT_TRUE(client().subscribe(kJobSet, "dag").ok());
  EXPECT_FALSE(client().summary(kJobSet).message.complete());
  reader_.set_relay(kJobSet, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(test_support::eventually(
      kSoon, [this] { return client().summary(kJobSet).message.complete(); }));
  reader_.set_doubt("partition 1 is behind");
  EXPECT_FALSE(client().summary(kJobSet).message.complete());
  EXPECT_EQ(client().summary(kJobSet).message.doubt(), "partition 1 is behind");
}

}  // namespace
}  // namespace armada_cache::query
