// What each kind of event does to the state of a job in each stage of its life.
#include "core/job/state_machine.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

// Columns of the table: how the job came where it is.
constexpr std::array<std::string_view, 11> kLives = {
    "",
    "submitted queued",
    "submitted queued leased",
    "submitted queued leased pending",
    "submitted queued leased pending running",
    "submitted queued leased pending lease_returned",
    "submitted queued leased pending running succeeded",
    "submitted queued leased pending running failed",
    "submitted queued leased pending running cancelled",
    "submitted queued leased pending running preempted failed",
    "submitted queued failed:rejected",
};

struct Row {
  std::string_view words;
  // A letter for the state in each life; '-': nothing is known of the job.
  std::string_view states;
};

//                        unknown, queued, leased, pending, running, requeued,
//                        succeeded, failed, cancelled, preempted (X), rejected (J)
constexpr std::array<Row, 21> kTable = {{
    {"submitted", "QQLPRQSFCXJ"},
    {"queued", "QQLPRQSFCXJ"},
    {"leased", "LLLLLLSFCXJ"},
    {"pending", "PPPPPQSFCXJ"},
    {"running", "RRRRRQSFCXJ"},
    {"leased pending", "PPPPPPSFCXJ"},
    {"leased running", "RRRRRRSFCXJ"},
    {"lease_returned", "QQQQQQSFCXJ"},
    {"lease_expired", "QQQQQQSFCXJ"},
    {"failed:retryable", "QQQQQQSFCXJ"},
    {"failed", "FFFFFFSFCXJ"},
    {"failed:rejected", "JJJJJJSFCXJ"},
    {"preempted", "RQLPRQSFCXJ"},
    {"preempted failed", "XXXXXXXXXXJ"},
    {"succeeded", "SSSSSSSFCXJ"},
    {"cancelled", "CCCCCCSFCXJ"},
    {"reprioritized", "QQLPRQSFCXJ"},
    {"utilisation", "RQLPRQSFCXJ"},
    {"ingress_info", "RQLPRQSFCXJ"},
    {"cancelling preempting reprioritizing", "-QLPRQSFCXJ"},
    {"leased pending running pending running failed:retryable", "QQQQQQSFCXJ"},
}};

api::JobState state_of(char letter) {
  static const std::map<char, api::JobState> kStates = {
      {'Q', api::QUEUED},    {'L', api::LEASED},    {'P', api::PENDING},
      {'R', api::RUNNING},   {'S', api::SUCCEEDED}, {'F', api::FAILED},
      {'C', api::CANCELLED}, {'X', api::PREEMPTED}, {'J', api::REJECTED}};
  return kStates.at(letter);
}

class EveryEvent : public testing::TestWithParam<Row> {};

TEST_P(EveryEvent, LeadsToTheState) {
  for (std::size_t life = 0; life < kLives.size(); ++life) {
    SCOPED_TRACE(std::string(kLives[life]) + " + " + std::string(GetParam().words));
    Projection projection;
    projection.apply_all(Story().tell(kLives[life]).tell(GetParam().words).events());
    const char expected = GetParam().states[life];
    EXPECT_EQ(projection.known(), expected != '-');
    if (expected == '-') continue;
    EXPECT_EQ(api::JobState_Name(projection.record().state()),
              api::JobState_Name(state_of(expected)));
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryEvent, testing::ValuesIn(kTable), [](const auto& row) {
  std::string name(row.param.words);
  for (char& character : name) {
    if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
  }
  return name;
});

TEST(StateMachine, KeepsWhatSubmittedTells) {
  const JobRecord record = record_after("submitted queued");
  EXPECT_EQ(record.queue(), "queue");
  EXPECT_EQ(record.job_set(), "job set");
  EXPECT_EQ(record.namespace_(), "namespace");
  EXPECT_EQ(record.priority(), 1);
  EXPECT_EQ(record.external_job_uri(), "uri");
  EXPECT_EQ(record.submitted_us(), micros_of(0));
  EXPECT_EQ(record.last_transition_us(), micros_of(0));
  EXPECT_TRUE(record.submitted_seen());
}

TEST(StateMachine, KeepsTheTimesAndPlacesOfARun) {
  const JobRecord record = record_after("submitted queued leased@a pending running succeeded");
  ASSERT_EQ(record.runs_size(), 1);
  const auto& run = record.runs(0);
  EXPECT_EQ(run.state(), api::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(run.cluster(), "a");
  EXPECT_EQ(run.pool(), "pool");
  EXPECT_EQ(run.node(), "node-of-job-1-pod-1");
  EXPECT_EQ(run.leased_us(), micros_of(2));
  EXPECT_EQ(run.pending_us(), micros_of(3));
  EXPECT_EQ(run.started_us(), micros_of(4));
  EXPECT_EQ(run.finished_us(), micros_of(5));
}

TEST(StateMachine, ALaterReportOfOneRunReplacesTheEarlier) {
  const JobRecord record =
      record_after("submitted queued leased pending running newpod pending running");
  ASSERT_EQ(record.runs_size(), 1);
  EXPECT_EQ(record.state(), api::RUNNING);
  EXPECT_EQ(record.runs(0).pending_us(), micros_of(5));
  EXPECT_EQ(record.runs(0).started_us(), micros_of(6));
  EXPECT_EQ(record.runs(0).node(), "node-of-job-1-pod-2");
}

TEST(StateMachine, LateReportsCompleteARunThatHasEnded) {
  const JobRecord record = record_after("submitted queued leased cancelled pending running");
  EXPECT_EQ(record.state(), api::CANCELLED);
  EXPECT_EQ(record.last_transition_us(), micros_of(3));
  EXPECT_EQ(record.runs(0).state(), api::RUN_STATE_CANCELLED);
  EXPECT_EQ(record.runs(0).pending_us(), micros_of(4));
  EXPECT_EQ(record.runs(0).started_us(), micros_of(5));
}

TEST(StateMachine, AReportFromAnEarlierRunLeavesTheLatestAlone) {
  const JobRecord record = record_after(
      "submitted queued leased@a pending@a lease_expired failed:retryable leased@b running@a");
  ASSERT_EQ(record.runs_size(), 2);
  EXPECT_EQ(record.state(), api::LEASED);
  EXPECT_NE(record.runs(0).started_us(), 0);
  EXPECT_EQ(record.runs(1).started_us(), 0);
}

TEST(StateMachine, TellsWhoCancelledAndWhy) {
  const JobRecord record = record_after("submitted queued cancelling cancelled");
  EXPECT_EQ(record.cancel_user(), "user");
  EXPECT_EQ(record.cancel_reason(), "no longer needed");
  EXPECT_EQ(record.cancelled_us(), micros_of(3));
}

TEST(StateMachine, ACancellationThatCameTooLateLeavesNoTrace) {
  const JobRecord record = record_after("submitted queued leased succeeded cancelling cancelled");
  EXPECT_EQ(record.cancel_user(), "");
  EXPECT_EQ(record.cancelled_us(), 0);
}

TEST(StateMachine, TellsWhoPreemptedAndWhy) {
  const JobRecord record = record_after("submitted queued leased preempting preempted failed");
  EXPECT_EQ(record.preempt_requestor(), "admin");
  EXPECT_EQ(record.preempt_reason(), "make room");
  EXPECT_EQ(record.preempting_job_id(), "job-2");
  EXPECT_EQ(record.runs(0).upstream_run_id(), "upstream-1");
  EXPECT_EQ(record.runs(0).state(), api::RUN_STATE_PREEMPTED);
  EXPECT_FALSE(record.preempted());
}

TEST(StateMachine, ANewLeaseForgetsAnOldPreemption) {
  EXPECT_EQ(record_after("submitted queued leased preempted leased failed").state(), api::FAILED);
}

TEST(StateMachine, ARepeatOfARetriedPreemptionDoesNotColourTheNextFailure) {
  const auto events =
      Story().tell("submitted queued leased preempted failed:retryable failed").events();
  Projection projection;
  projection.apply_all({events.begin(), events.end() - 1});
  projection.apply(events[3]);
  projection.apply(events.back());
  EXPECT_EQ(projection.record().state(), api::FAILED);
}

TEST(StateMachine, OnlyTheFirstSubmittedCounts) {
  const JobRecord record = record_after("submitted queued submitted");
  EXPECT_EQ(record.submitted_us(), micros_of(0));
}

TEST(StateMachine, TellsHowARunFailed) {
  const JobRecord record = record_after("submitted queued leased running failed");
  EXPECT_EQ(record.failure_category(), "category");
  EXPECT_EQ(record.exit_code(), 3);
  EXPECT_FALSE(record.runs(0).error().empty());
  EXPECT_TRUE(record.error().empty());
}

TEST(StateMachine, ReprioritizedChangesThePriorityAndReprioritizingDoesNot) {
  EXPECT_EQ(record_after("submitted queued reprioritized").priority(), 2);
  EXPECT_EQ(record_after("submitted queued reprioritizing").priority(), 1);
}

TEST(StateMachine, KeepsTheGreatestUseOfResources) {
  // Their milli-CPUs are 200, 300, 400, 500, 600 and 0.
  const JobRecord record = record_after(
      "submitted leased running utilisation utilisation utilisation utilisation utilisation "
      "utilisation");
  EXPECT_EQ(record.max_resources().at("cpu"),
            "\n\x04"
            "600m");
}

TEST(StateMachine, KeepsIngressAddresses) {
  const JobRecord record = record_after("submitted leased running ingress_info");
  EXPECT_EQ(record.runs(0).ingress_addresses().at(8080), "address-1700000003");
}

TEST(StateMachine, GivesUpTheOldestRunsOfAJobThatIsLeasedForEver) {
  std::string words = "submitted queued";
  for (int i = 0; i < 1000; ++i) words += " leased lease_returned";
  const JobRecord record = record_after(words);
  EXPECT_LE(record.runs_size(), 64);
  EXPECT_EQ(record.runs_size() + record.dropped_runs(), 1000);
  EXPECT_LT(record.ByteSizeLong(), 16'000U);
}

std::vector<api::EventMessage> all_but_last(const Story& story) {
  auto events = story.events();
  events.pop_back();
  return events;
}

TEST(StateMachine, SurvivesUnknownEnumValuesAndFields) {
  Story story;
  story.tell("submitted queued leased failed");
  std::string bytes = story.events().back().SerializeAsString();
  api::EventMessage failed;
  // Field 1000, a varint, beside a cause that does not exist yet.
  bytes += std::string("\xc0\x3e\x05", 3);
  ASSERT_TRUE(failed.ParseFromString(bytes));
  failed.mutable_failed()->set_cause(static_cast<api::Cause>(77));
  Projection projection;
  projection.apply_all(all_but_last(story));
  EXPECT_EQ(projection.apply(failed), Outcome::kApplied);
  EXPECT_EQ(projection.record().state(), api::FAILED);
}

TEST(StateMachine, SurvivesTimesThatAreMissingOrImpossible) {
  Story story;
  story.tell("submitted queued leased pending running succeeded");
  Projection projection;
  for (api::EventMessage event : story.events()) {
    if (event.has_leased()) event.mutable_leased()->clear_created();
    if (event.has_pending()) event.mutable_pending()->mutable_created()->set_seconds(INT64_MAX);
    if (event.has_running()) event.mutable_running()->mutable_created()->set_nanos(-1);
    EXPECT_EQ(projection.apply(event), Outcome::kApplied);
  }
  EXPECT_EQ(projection.record().state(), api::SUCCEEDED);
  EXPECT_EQ(projection.record().runs(0).pending_us(), 0);
}

TEST(StateMachine, CutsTextsThatHaveNoLimit) {
  Story story;
  story.tell("submitted queued leased running failed");
  api::EventMessage failed = story.events().back();
  failed.mutable_failed()->set_reason(std::string(5'000'000, 'x'));
  Projection projection;
  projection.apply_all(all_but_last(story));
  projection.apply(failed);
  EXPECT_LE(projection.record().runs(0).error().size(), 64U * 1024);
}

}  // namespace
}  // namespace armada_cache::job
