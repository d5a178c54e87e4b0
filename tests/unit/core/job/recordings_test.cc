// Streams recorded from a real Armada, played through the state machine, give its real answers.
// What may differ, and why, is listed in docs/api.md; nothing else does.
#include "tests/support/recordings.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "armada/api/event.pb.h"
#include "armada/api/job.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/answers.h"
#include "core/job/state_machine.h"

namespace armada_cache::job {
namespace {

using google::protobuf::util::MessageDifferencer;
using test_support::RecordedAnswer;

struct Job {
  JobRecord record;
  std::string spec;
};
using Jobs = std::map<std::string, Job, std::less<>>;

// As the projector does it: all streams into one store.
void play(const std::filesystem::path& recording, Jobs& jobs) {
  for (const std::string& bytes : test_support::read_recording(recording)) {
    api::EventStreamMessage message;
    ASSERT_TRUE(message.ParseFromString(bytes));
    const auto opened = open(message);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const Event& event = opened->event;
    const bool known = jobs.contains(event.job_id);
    Job& job = jobs[std::string(event.job_id)];
    const Outcome outcome = apply(event, opened->id, known, job.record);
    if (outcome != Outcome::kApplied && !known) jobs.erase(jobs.find(event.job_id));
    if (outcome == Outcome::kApplied && message.message().has_submitted()) {
      job.spec = message.message().submitted().job().SerializeAsString();
    }
  }
}

api::JobDetails recorded_details(const RecordedAnswer& answer) {
  api::JobDetailsResponse response;
  EXPECT_TRUE(response.ParseFromString(answer.details_response));
  return response.job_details().at(answer.job_id);
}

api::JobDetails our_details(const std::string& job_id, const Job& job) {
  api::JobDetails details;
  EXPECT_TRUE(fill_details(job_id, job.record, job.spec, {true, true}, details).has_value());
  return details;
}

class Recordings : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    play(GetParam(), jobs_);
    answers_ = test_support::read_answers(test_support::answers_of(GetParam()));
    ASSERT_FALSE(answers_.empty());
  }

  // Answers of jobs that the stream owns; the others must have left no trace.
  template <typename Check>
  void for_each_job(Check check) {
    for (const RecordedAnswer& answer : answers_) {
      const auto found = jobs_.find(answer.job_id);
      if (found == jobs_.end()) continue;
      SCOPED_TRACE(answer.job_id);
      check(answer, found->second);
    }
  }

  Jobs jobs_;
  std::vector<RecordedAnswer> answers_;
};

TEST_P(Recordings, EveryStateIsArmadas) {
  for_each_job([](const RecordedAnswer& answer, const Job& job) {
    EXPECT_EQ(job.record.state(), answer.status);
  });
}

TEST_P(Recordings, OnlyForeignAndUnknownJobsAreMissing) {
  for (const RecordedAnswer& answer : answers_) {
    if (jobs_.contains(answer.job_id)) continue;
    const bool unknown = answer.details_response.empty();
    EXPECT_TRUE(unknown || recorded_details(answer).jobset() == "victim") << answer.job_id;
  }
}

TEST_P(Recordings, DetailsAreArmadasButForWhatTheStreamDoesNotTell) {
  for_each_job([](const RecordedAnswer& answer, const Job& job) {
    api::JobDetails theirs = recorded_details(answer);
    api::JobDetails ours = our_details(answer.job_id, job);
    ASSERT_EQ(ours.job_runs_size(), theirs.job_runs_size());
    EXPECT_EQ(ours.latest_run_id().empty(), theirs.latest_run_id().empty());
    theirs.set_latest_run_id(ours.latest_run_id());
    if (theirs.cancel_user().empty()) theirs.set_cancel_user(ours.cancel_user());
    theirs.clear_job_runs();
    ours.clear_job_runs();
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(theirs, ours)) << difference;
  });
}

// The stream has a node only in running and failed; Armada knows it from the lease.
void expect_same_node(const api::JobRunDetails& theirs, const api::JobRunDetails& ours) {
  if (ours.has_started_ts()) {
    EXPECT_EQ(ours.node(), theirs.node());
  } else {
    EXPECT_TRUE(ours.node().empty() || ours.node() == theirs.node());
  }
}

// Ours is what the events say; Armada's is what its executors said last, if they said anything.
void expect_same_run_state(const api::JobRunDetails& theirs, const api::JobRunDetails& ours) {
  static const std::set<std::pair<int, int>> kKnownDifferences = {
      {api::RUN_STATE_CANCELLED, api::RUN_STATE_UNKNOWN},
      {api::RUN_STATE_CANCELLED, api::RUN_STATE_PENDING},
      {api::RUN_STATE_CANCELLED, api::RUN_STATE_SUCCEEDED},
      {api::RUN_STATE_CANCELLED, api::RUN_STATE_FAILED},
      {api::RUNS_STATE_LEASE_RETURNED, api::RUN_STATE_UNKNOWN},
      {api::RUN_STATE_PREEMPTED, api::RUN_STATE_PENDING},
      {api::RUN_STATE_PREEMPTED, api::RUN_STATE_SUCCEEDED},
      {api::RUN_STATE_PREEMPTED, api::RUN_STATE_FAILED},
      {api::RUN_STATE_LEASE_EXPIRED, api::RUN_STATE_SUCCEEDED},
      {api::RUN_STATE_SUCCEEDED, api::RUN_STATE_RUNNING},
  };
  if (kKnownDifferences.contains({ours.state(), theirs.state()})) return;
  EXPECT_EQ(api::JobRunState_Name(ours.state()), api::JobRunState_Name(theirs.state()));
}

TEST_P(Recordings, RunsAreArmadasButForWhatTheStreamDoesNotTell) {
  for_each_job([](const RecordedAnswer& answer, const Job& job) {
    const api::JobDetails theirs = recorded_details(answer);
    const api::JobDetails ours = our_details(answer.job_id, job);
    ASSERT_EQ(ours.job_runs_size(), theirs.job_runs_size());
    for (int i = 0; i < ours.job_runs_size(); ++i) {
      api::JobRunDetails their_run = theirs.job_runs(i);
      api::JobRunDetails our_run = ours.job_runs(i);
      expect_same_node(their_run, our_run);
      expect_same_run_state(their_run, our_run);
      EXPECT_EQ(our_run.has_finished_ts(), their_run.has_finished_ts());
      for (api::JobRunDetails* run : {&their_run, &our_run}) {
        run->clear_run_id();
        run->clear_node();
        run->clear_state();
        run->clear_finished_ts();
      }
      EXPECT_TRUE(MessageDifferencer::Equals(their_run, our_run))
          << their_run.ShortDebugString() << "\n"
          << our_run.ShortDebugString();
    }
  });
}

// What a container says after its job was cancelled or preempted is in Armada, not in the stream.
TEST_P(Recordings, ErrorsContainArmadas) {
  for_each_job([](const RecordedAnswer& answer, const Job& job) {
    const std::string ours(error_text(job.record));
    const bool said_after_the_end =
        (job.record.state() == api::CANCELLED && ours.empty()) ||
        (job.record.state() == api::PREEMPTED && ours.starts_with("Preempted by"));
    if (said_after_the_end) return;
    EXPECT_EQ(ours.empty(), answer.error.empty());
    EXPECT_NE(ours.find(answer.error), std::string::npos) << ours << "\n---\n" << answer.error;
  });
}

std::string name_of_recording(const testing::TestParamInfo<std::filesystem::path>& recording) {
  std::string name = recording.param.stem().string();
  for (char& character : name) {
    if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(RealArmada, Recordings,
                         testing::ValuesIn(test_support::list_recordings(TEST_DATA_DIR
                                                                         "/recordings")),
                         name_of_recording);

}  // namespace
}  // namespace armada_cache::job
