#include "core/job/lifecycle.h"

#include "core/job/runs.h"
#include "core/job/states.h"
#include "core/job/text.h"

namespace armada_cache::job {
namespace {

constexpr char kExternalUriAnnotation[] = "armadaproject.io/externalJobUri";

void transition(api::JobState state, const Change& change) {
  change.record.set_state(state);
  change.record.set_last_transition_us(change.created_us);
}

void end_latest_run(api::JobRunState state, const Change& change) {
  if (RunRecord* run = latest_run(change.record)) end_run(state, change.created_us, *run);
}

bool is_over(const JobRecord& record) {
  return is_terminal(record.state());
}

bool is_latest(const RunRecord& run, const JobRecord& record) {
  return &run == latest_run(record);
}

// What an event does not tell stays as it is; and a record holds no string it does not need.
void fill_cluster(const std::string& cluster, RunRecord& run) {
  if (run.cluster() != cluster) run.set_cluster(cut(cluster, kMaxNameBytes));
}

void fill_pool(const std::string& pool, RunRecord& run) {
  if (!pool.empty() && run.pool() != pool) run.set_pool(cut(pool, kMaxNameBytes));
}

void fill_node(const std::string& node, RunRecord& run) {
  if (!node.empty() && run.node() != node) run.set_node(cut(node, kMaxNameBytes));
}

void fill_job(const api::Job& job, JobRecord& record) {
  record.set_namespace_(cut(job.namespace_(), kMaxNameBytes));
  if (record.reprioritized_us() == 0) record.set_priority(job.priority());
  const auto uri = job.annotations().find(kExternalUriAnnotation);
  if (uri != job.annotations().end() && uri->second.size() <= kMaxUriBytes) {
    record.set_external_job_uri(uri->second);
  }
}

// The executor's word on how its run ended goes before the scheduler's decision to end it.
bool yields_to_executor(const RunRecord& run) {
  return !run_has_ended(run.state()) || run.state() == api::RUN_STATE_CANCELLED ||
         run.state() == api::RUN_STATE_PREEMPTED;
}

void requeue(const Change& change) {
  if (!is_over(change.record)) transition(api::QUEUED, change);
}

}  // namespace

void on(const api::JobSubmittedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (record.submitted_seen()) return;
  record.set_submitted_seen(true);
  record.set_submitted_us(change.created_us);
  fill_job(event.job(), record);
  if (change.first) transition(api::QUEUED, change);
}

// Says no more than submitted, but for a stream that begins just after it.
void on(const api::JobQueuedEvent& /*event*/, const Change& change) {
  if (change.first) transition(api::QUEUED, change);
}

void on(const api::JobLeasedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (is_over(record)) return;
  if (has_lease_of(change.created_us, event.cluster_id(), record)) return;
  end_latest_run(api::RUN_STATE_UNKNOWN, change);
  RunRecord& run = add_run(record);
  run.set_leased_us(change.created_us);
  fill_cluster(event.cluster_id(), run);
  fill_pool(event.pool(), run);
  record.clear_preempted();
  record.clear_error();
  transition(api::LEASED, change);
}

void on(const api::JobPendingEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (is_over(record) && record.runs().empty()) return;
  RunRecord& run = run_of({event.cluster_id(), event.kubernetes_id()}, record);
  if (has_report(&RunRecord::pending_us, change.created_us, run, record)) return;
  run.set_pending_us(change.created_us);
  fill_pool(event.pool(), run);
  if (run_has_ended(run.state()) || !is_latest(run, record)) return;
  run.set_state(api::RUN_STATE_PENDING);
  transition(api::PENDING, change);
}

void on(const api::JobRunningEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (is_over(record) && record.runs().empty()) return;
  RunRecord& run = run_of({event.cluster_id(), event.kubernetes_id()}, record);
  if (has_report(&RunRecord::started_us, change.created_us, run, record)) return;
  run.set_started_us(change.created_us);
  fill_node(event.node_name(), run);
  fill_pool(event.pool(), run);
  if (run_has_ended(run.state()) || !is_latest(run, record)) return;
  run.set_state(api::RUN_STATE_RUNNING);
  transition(api::RUNNING, change);
}

void on(const api::JobIngressInfoEvent& event, const Change& change) {
  constexpr std::size_t kMaxAddresses = 256;
  JobRecord& record = change.record;
  if (is_over(record) && record.runs().empty()) return;
  if (change.first) transition(api::RUNNING, change);
  RunRecord& run = run_of({event.cluster_id(), event.kubernetes_id()}, record);
  if (change.created_us != 0 && change.created_us <= run.ingress_us()) return;
  run.set_ingress_us(change.created_us);
  fill_node(event.node_name(), run);
  auto& addresses = *run.mutable_ingress_addresses();
  for (const auto& [port, address] : event.ingress_addresses()) {
    if (addresses.size() >= kMaxAddresses && !addresses.contains(port)) continue;
    addresses[port] = cut(address, kMaxNameBytes);
  }
}

void on(const api::JobLeaseReturnedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (is_over(record) && record.runs().empty()) return;
  RunRecord& run = run_of({event.cluster_id(), event.kubernetes_id()}, record);
  if (has_report(&RunRecord::returned_us, change.created_us, run, record)) return;
  run.set_returned_us(change.created_us);
  if (!is_latest(run, record)) return;
  if (yields_to_executor(run)) {
    run.set_state(api::RUNS_STATE_LEASE_RETURNED);
    run.set_finished_us(change.created_us);
    set_error(event.reason(), run);
  }
  requeue(change);
}

void on(const api::JobLeaseExpiredEvent& /*event*/, const Change& change) {
  JobRecord& record = change.record;
  if (precedes_latest_lease(change.created_us, record) || has_end_at(change.created_us, record)) {
    return;
  }
  end_latest_run(api::RUN_STATE_LEASE_EXPIRED, change);
  requeue(change);
}

void on(const api::JobSucceededEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (!may_become(record.state(), api::SUCCEEDED)) return;
  if (record.runs().empty()) run_of({event.cluster_id(), event.kubernetes_id()}, record);
  fill_node(event.node_name(), *latest_run(record));
  end_latest_run(api::RUN_STATE_SUCCEEDED, change);
  transition(api::SUCCEEDED, change);
}

void on(const api::JobCancelledEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (!may_become(record.state(), api::CANCELLED)) return;
  record.set_cancelled_us(change.created_us);
  record.set_cancel_user(cut(event.requestor(), kMaxNameBytes));
  record.set_cancel_reason(cut(event.reason(), kMaxTextBytes));
  end_latest_run(api::RUN_STATE_CANCELLED, change);
  transition(api::CANCELLED, change);
}

void on(const api::JobReprioritizedEvent& event, const Change& change) {
  JobRecord& record = change.record;
  if (change.first) transition(api::QUEUED, change);
  if (change.created_us != 0 && change.created_us <= record.reprioritized_us()) return;
  record.set_reprioritized_us(change.created_us);
  record.set_priority(event.new_priority());
}

}  // namespace armada_cache::job
