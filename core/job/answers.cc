#include "core/job/answers.h"

#include <climits>
#include <string>

#include "armada/api/job.pb.h"
#include "core/job/run_id.h"
#include "core/job/runs.h"
#include "core/job/timestamps.h"

namespace armada_cache::job {
namespace {

std::string text_of(std::string_view view) {
  return std::string(view);
}

void fill_run(std::string_view job_id, int number, const RunRecord& run,
              api::JobRunDetails& details) {
  details.set_run_id(run_id(job_id, number));
  details.set_job_id(text_of(job_id));
  details.set_state(run.state());
  details.set_cluster(run.cluster());
  details.set_node(run.node());
  if (run.leased_us() != 0) set_timestamp(run.leased_us(), *details.mutable_leased_ts());
  if (run.pending_us() != 0) set_timestamp(run.pending_us(), *details.mutable_pending_ts());
  if (run.started_us() != 0) set_timestamp(run.started_us(), *details.mutable_started_ts());
  if (run.finished_us() != 0) set_timestamp(run.finished_us(), *details.mutable_finished_ts());
  *details.mutable_ingress_addresses() = run.ingress_addresses();
}

void fill_job(std::string_view job_id, const JobRecord& record, api::JobDetails& details) {
  details.set_job_id(text_of(job_id));
  details.set_queue(record.queue());
  details.set_jobset(record.job_set());
  details.set_namespace_(record.namespace_());
  details.set_state(record.state());
  if (record.submitted_us() != 0) {
    set_timestamp(record.submitted_us(), *details.mutable_submitted_ts());
  }
  if (record.cancelled_us() != 0) {
    set_timestamp(record.cancelled_us(), *details.mutable_cancel_ts());
  }
  if (record.last_transition_us() != 0) {
    set_timestamp(record.last_transition_us(), *details.mutable_last_transition_ts());
  }
  details.set_cancel_reason(record.cancel_reason());
  details.set_cancel_user(record.cancel_user());
}

}  // namespace

base::Status fill_details(std::string_view job_id, const JobRecord& record, std::string_view spec,
                          Expansion expansion, api::JobDetails& details) {
  fill_job(job_id, record, details);
  const int latest = record.runs_size() - 1;
  if (latest >= 0) details.set_latest_run_id(run_id(job_id, record.dropped_runs() + latest));
  for (int i = latest; expansion.job_runs && i >= 0; --i) {
    fill_run(job_id, record.dropped_runs() + i, record.runs(i), *details.add_job_runs());
  }
  if (!expansion.job_spec || spec.empty()) return {};
  const bool parsed = spec.size() <= INT_MAX && details.mutable_job_spec()->ParseFromArray(
                                                    spec.data(), static_cast<int>(spec.size()));
  if (parsed) return {};
  details.clear_job_spec();
  return base::fail(base::ErrorCode::kDataLoss,
                    "the kept spec of job " + text_of(job_id) + " cannot be parsed");
}

bool fill_run_details(std::string_view job_id, int number, const JobRecord& record,
                      api::JobRunDetails& details) {
  const int index = number - record.dropped_runs();
  if (number < 0 || index < 0 || index >= record.runs_size()) return false;
  fill_run(job_id, number, record.runs(index), details);
  return true;
}

std::string_view error_text(const JobRecord& record) {
  if (record.state() == api::SUCCEEDED) return {};
  const bool never_ran = record.state() == api::REJECTED && !record.error().empty();
  const RunRecord* run = latest_run(record);
  if (never_ran || run == nullptr || run->error().empty()) return record.error();
  return run->error();
}

}  // namespace armada_cache::job
