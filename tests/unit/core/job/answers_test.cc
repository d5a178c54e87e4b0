#include "core/job/answers.h"

#include <gtest/gtest.h>

#include "armada/api/job.pb.h"
#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

constexpr std::string_view kTwoRuns =
    "submitted queued leased@a pending lease_returned leased@b pending running";

api::JobDetails details_after(std::string_view words, Expansion expansion = {}) {
  api::JobDetails details;
  EXPECT_TRUE(fill_details("job-1", record_after(words), "", expansion, details).has_value());
  return details;
}

TEST(Answers, WithoutExpansionThereAreNoRunsButTheLatestRunsId) {
  const auto details = details_after(kTwoRuns);
  EXPECT_EQ(details.job_runs_size(), 0);
  EXPECT_FALSE(details.has_job_spec());
  EXPECT_EQ(details.latest_run_id(), "job-1-run-1");
}

TEST(Answers, RunsComeWithTheLatestLeaseFirst) {
  const auto details = details_after(kTwoRuns, {false, true});
  ASSERT_EQ(details.job_runs_size(), 2);
  EXPECT_EQ(details.job_runs(0).run_id(), "job-1-run-1");
  EXPECT_EQ(details.job_runs(0).cluster(), "b");
  EXPECT_FALSE(details.job_runs(0).has_finished_ts());
  EXPECT_EQ(details.job_runs(1).run_id(), "job-1-run-0");
  EXPECT_EQ(details.job_runs(1).state(), api::RUNS_STATE_LEASE_RETURNED);
  EXPECT_TRUE(details.job_runs(1).has_finished_ts());
}

TEST(Answers, AQueuedJobHasNoRunIdAndNoCancellation) {
  const auto details = details_after("submitted queued");
  EXPECT_EQ(details.latest_run_id(), "");
  EXPECT_FALSE(details.has_cancel_ts());
  EXPECT_EQ(details.submitted_ts().seconds(), Story::kStartSeconds);
  EXPECT_EQ(details.submitted_ts().nanos(), 123'456'000);
}

TEST(Answers, TheSpecIsExpandedOnlyWhenAsked) {
  api::Job job;
  job.set_id("job-1");
  job.set_pod_spec("opaque");
  const JobRecord record = record_after("submitted");
  api::JobDetails details;
  ASSERT_TRUE(fill_details("job-1", record, job.SerializeAsString(), {true, false}, details));
  EXPECT_EQ(details.job_spec().pod_spec(), "opaque");
}

TEST(Answers, ADamagedSpecIsDataLoss) {
  api::JobDetails details;
  const auto status =
      fill_details("job-1", record_after("submitted"), "\xff", {true, false}, details);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, base::ErrorCode::kDataLoss);
  EXPECT_FALSE(details.has_job_spec());
}

TEST(Answers, ARunIsFoundByItsNumber) {
  const JobRecord record = record_after(kTwoRuns);
  api::JobRunDetails run;
  ASSERT_TRUE(fill_run_details("job-1", 0, record, run));
  EXPECT_EQ(run.run_id(), "job-1-run-0");
  EXPECT_EQ(run.job_id(), "job-1");
  EXPECT_EQ(run.cluster(), "a");
  EXPECT_FALSE(fill_run_details("job-1", 2, record, run));
  EXPECT_FALSE(fill_run_details("job-1", -1, record, run));
}

TEST(Answers, RunsKeepTheirIdsWhenOlderOnesAreGivenUp) {
  std::string words = "submitted queued";
  for (int i = 0; i < 100; ++i) words += " leased lease_returned";
  const JobRecord record = record_after(words);
  api::JobDetails details;
  ASSERT_TRUE(fill_details("job-1", record, "", {false, true}, details));
  EXPECT_EQ(details.latest_run_id(), "job-1-run-99");
  EXPECT_EQ(details.job_runs(0).run_id(), "job-1-run-99");
  api::JobRunDetails run;
  EXPECT_TRUE(fill_run_details("job-1", 99, record, run));
  EXPECT_FALSE(fill_run_details("job-1", 0, record, run));
}

TEST(Answers, TheErrorIsTheLatestRuns) {
  const auto error_after = [](std::string_view words) {
    return std::string(error_text(record_after(words)));
  };
  EXPECT_EQ(error_after("submitted queued leased running"), "");
  EXPECT_EQ(error_after("submitted queued leased lease_returned"), "returned at 1700000003");
  EXPECT_EQ(error_after("submitted queued leased lease_returned failed"), "returned at 1700000003");
  EXPECT_EQ(error_after("submitted queued leased failed:retryable"), "failed at 1700000003");
  EXPECT_EQ(error_after("submitted queued leased failed:retryable leased"), "");
  EXPECT_EQ(error_after("submitted queued leased lease_returned preempted failed"),
            "failed at 1700000004");
}

TEST(Answers, TheErrorOfARejectedJobIsWhyItWasRejected) {
  EXPECT_EQ(error_text(record_after("submitted queued failed:rejected")), "failed at 1700000002");
  EXPECT_EQ(error_text(record_after("submitted queued leased lease_returned failed:rejected")),
            "failed at 1700000004");
}

TEST(Answers, AJobThatSucceededHasNoError) {
  EXPECT_EQ(error_text(record_after("submitted queued leased failed:retryable leased succeeded")),
            "");
  EXPECT_EQ(error_text(record_after("submitted queued leased lease_returned succeeded")), "");
}

}  // namespace
}  // namespace armada_cache::job
