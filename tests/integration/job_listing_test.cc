// ListJobs: by job set and by state, page by page.
#include <algorithm>
#include <set>

#include "tests/simulator/simulator.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
namespace code = test_support::code;

class JobListing : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 2, .jobs = 303};
    return options;
  }

  void SetUp() override {
    for (const char* name : {"set-0", "set-1"}) {
      ASSERT_TRUE(client_.subscribe({"q-a", name}, "test", 3600).ok());
    }
    ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
    account_ = sim_.account();
    ASSERT_TRUE(eventually(kLong, [&] {
      return terminal_jobs("set-0") + terminal_jobs("set-1") ==
             static_cast<std::int64_t>(account_.jobs.size());
    }));
  }

  std::int64_t terminal_jobs(const std::string& name) const {
    std::int64_t sum = 0;
    const auto summary = client_.summary({"q-a", name});
    for (const auto& count : summary.message.counts()) {
      const bool live =
          count.state() == v1::JOB_STATE_QUEUED || count.state() == v1::JOB_STATE_LEASED ||
          count.state() == v1::JOB_STATE_PENDING || count.state() == v1::JOB_STATE_RUNNING;
      if (!live) sum += count.jobs();
    }
    return sum;
  }

  std::vector<std::string> list(v1::ListJobsRequest request, std::uint32_t page_size) const {
    std::vector<std::string> ids;
    request.set_page_size(page_size);
    do {
      const auto page = client_.jobs(request);
      EXPECT_TRUE(page.ok()) << page.error;
      EXPECT_LE(page.message.jobs_size(), static_cast<int>(page_size));
      for (const auto& job : page.message.jobs()) ids.push_back(job.job_id());
      request.set_page_token(page.message.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  std::vector<std::string> expected(const std::string& name,
                                    const std::set<simulator::JobState>& states) const {
    std::vector<std::string> ids;
    for (const auto& job : account_.jobs) {
      if (job.job_set.name != name) continue;
      if (states.empty() || states.contains(job.expected)) ids.push_back(job.id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  static v1::ListJobsRequest of(const std::string& name) {
    v1::ListJobsRequest request;
    request.set_queue("q-a");
    request.set_job_set(name);
    return request;
  }

  simulator::Simulator sim_{world()};
  CacheProcess cache_{options(sim_.start().value())};
  CacheClient client_{cache_.grpc_address()};
  simulator::Account account_;
};

TEST_F(JobListing, HoldsEachJobOnceInTheOrderOfIdsWhateverThePageSize) {
  for (const std::uint32_t page_size : {7U, 100U, 303U}) {
    EXPECT_EQ(list(of("set-0"), page_size), expected("set-0", {})) << page_size;
  }
  EXPECT_EQ(list(of("set-1"), 50), expected("set-1", {}));
}

TEST_F(JobListing, SelectsByState) {
  auto request = of("set-0");
  request.add_states(v1::JOB_STATE_FAILED);
  request.add_states(v1::JOB_STATE_CANCELLED);
  const auto ids = list(request, 5);
  EXPECT_EQ(ids,
            expected("set-0", {simulator::JobState::kFailed, simulator::JobState::kCancelled}));
  EXPECT_FALSE(ids.empty());
}

TEST_F(JobListing, WrongRequestsAreRefusedAndUnknownJobSetsAreEmpty) {
  auto request = of("set-0");
  request.set_page_token("garbage");
  EXPECT_EQ(client_.jobs(request).code, code::kInvalidArgument);
  EXPECT_EQ(client_.jobs(of("")).code, code::kInvalidArgument);
  EXPECT_TRUE(list(of("no such set"), 5).empty());
}

// A page token that belongs to another question must not be taken for one of this.
TEST_F(JobListing, ATokenOfAnotherQuestionIsRefused) {
  auto request = of("set-0");
  request.set_page_size(5);
  const auto page = client_.jobs(request);
  auto other = of("set-1");
  other.set_page_token(page.message.next_page_token());
  EXPECT_EQ(client_.jobs(other).code, code::kInvalidArgument);
}

}  // namespace
}  // namespace armada_cache
