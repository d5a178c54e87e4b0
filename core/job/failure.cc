// The events by which a run or a job fails: failed, and preempted, which comes just before it.
#include <algorithm>

#include "core/job/lifecycle.h"
#include "core/job/runs.h"
#include "core/job/states.h"
#include "core/job/text.h"

namespace armada_cache::job {
namespace {

std::int32_t exit_code_of(const api::JobFailedEvent& event) {
  for (const auto& container : event.container_statuses()) {
    if (container.exitcode() != 0) return container.exitcode();
  }
  // A map's order is not stable; the least of all codes is.
  std::int32_t least = 0;
  for (const auto& [container, code] : event.exit_codes()) {
    if (code != 0 && (least == 0 || code < least)) least = code;
  }
  return least;
}

RunRecord* failed_run(const api::JobFailedEvent& event, JobRecord& record) {
  if (record.runs().empty() && !event.cluster_id().empty() && !is_terminal(record.state())) {
    run_of({event.cluster_id(), event.kubernetes_id()}, record);
  }
  RunRecord* run = latest_run(record);
  const bool tells_node = run != nullptr && run->node().empty() && !event.node_name().empty();
  if (tells_node) run->set_node(cut(event.node_name(), kMaxNameBytes));
  return run;
}

void note_failure(const api::JobFailedEvent& event, JobRecord& record) {
  record.set_failure_category(cut(event.failure_category(), kMaxNameBytes));
  record.set_failure_subcategory(cut(event.failure_subcategory(), kMaxNameBytes));
  record.set_exit_code(exit_code_of(event));
  note_error(event.reason(), record);
}

api::JobState outcome_of(const api::JobFailedEvent& event, const JobRecord& record) {
  if (event.cause() == api::Rejected) return api::REJECTED;
  return record.preempted() ? api::PREEMPTED : api::FAILED;
}

// Preemption goes before whatever else ended the run just before.
void end_failed_run(const api::JobFailedEvent& event, api::JobState outcome, const Change& change,
                    RunRecord& run) {
  if (outcome != api::PREEMPTED) {
    end_run(api::RUN_STATE_FAILED, change.created_us, run);
    return;
  }
  run.set_state(api::RUN_STATE_PREEMPTED);
  run.set_finished_us(change.created_us);
  set_error(event.reason(), run);
}

// Not the job's end: the scheduler tries again.
void fail_run_only(const api::JobFailedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (is_terminal(record.state()) || precedes_latest_lease(change.created_us, record)) return;
  const api::JobState cause = record.preempted() ? api::PREEMPTED : api::FAILED;
  if (RunRecord* run = failed_run(event, record)) end_failed_run(event, cause, change, *run);
  note_failure(event, record);
  record.clear_preempted();
  record.set_state(api::QUEUED);
  record.set_last_transition_us(change.created_us);
}

}  // namespace

void on(const api::JobFailedEvent& event, const Change& change) {
  if (event.retryable()) return fail_run_only(event, change);
  JobRecord& record = change.record;
  const api::JobState outcome = outcome_of(event, record);
  RunRecord* run = failed_run(event, record);
  if (!may_become(record.state(), outcome)) {
    if (record.state() == api::CANCELLED) note_error(event.reason(), record);
    return;
  }
  if (run != nullptr) end_failed_run(event, outcome, change, *run);
  note_failure(event, record);
  record.clear_preempted();
  record.set_state(outcome);
  record.set_last_transition_us(change.created_us);
}

void on(const api::JobPreemptedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (change.first) {
    record.set_state(api::RUNNING);
    record.set_last_transition_us(change.created_us);
  }
  if (precedes_latest_lease(change.created_us, record)) return;
  if (has_end_at(change.created_us, record)) return;
  if (!may_become(record.state(), api::PREEMPTED)) return;
  record.set_preempted(true);
  record.set_preempt_requestor(cut(event.requestor(), kMaxNameBytes));
  record.set_preempt_reason(cut(event.reason(), kMaxTextBytes));
  record.set_preempting_job_id(cut(event.preempting_job_id(), kMaxNameBytes));
  if (RunRecord* run = latest_run(record)) {
    run->set_upstream_run_id(cut(event.run_id(), kMaxNameBytes));
  }
}

}  // namespace armada_cache::job
