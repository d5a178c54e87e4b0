#include "tests/support/answer_comparison.h"

#include <google/protobuf/util/message_differencer.h>

#include "armada/api/job.pb.h"

namespace armada_cache::test_support {
namespace {

// Ours is what the events say of runs that were ended from outside, or that Armada's executor has
// not reported as ended.
bool may_differ(api::JobRunState armadas, api::JobRunState ours) {
  switch (ours) {
    case api::RUN_STATE_CANCELLED:
    case api::RUN_STATE_PREEMPTED:
    case api::RUN_STATE_LEASE_EXPIRED:
    case api::RUNS_STATE_LEASE_RETURNED:
      return true;
    default:
      return ours == api::RUN_STATE_SUCCEEDED && armadas == api::RUN_STATE_RUNNING;
  }
}

void forgive(const api::JobRunDetails& armadas, api::JobRunDetails& ours) {
  ours.set_run_id(armadas.run_id());
  if (may_differ(armadas.state(), ours.state())) ours.set_state(armadas.state());
  // The stream tells the node only of a run that has started, or failed.
  if (!ours.has_started_ts() && ours.node().empty()) ours.set_node(armadas.node());
  if (armadas.has_finished_ts() && ours.has_finished_ts()) {
    *ours.mutable_finished_ts() = armadas.finished_ts();
  }
}

}  // namespace

std::string compare_details(const api::JobDetails& armadas, const api::JobDetails& ours) {
  api::JobDetails forgiven = ours;
  if (forgiven.latest_run_id().empty() != armadas.latest_run_id().empty()) {
    return "latest_run_id: '" + armadas.latest_run_id() + "' and '" + ours.latest_run_id() + "'";
  }
  if (forgiven.job_runs_size() != armadas.job_runs_size()) {
    return std::to_string(armadas.job_runs_size()) + " runs and " +
           std::to_string(forgiven.job_runs_size());
  }
  forgiven.set_latest_run_id(armadas.latest_run_id());
  for (int i = 0; i < forgiven.job_runs_size(); ++i) {
    forgive(armadas.job_runs(i), *forgiven.mutable_job_runs(i));
  }
  // The stream tells who cancelled where Armada's answer does not.
  if (armadas.cancel_user().empty()) forgiven.clear_cancel_user();

  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  return differencer.Compare(armadas, forgiven) ? "" : difference;
}

std::string compare_errors(const std::string& armadas, const std::string& ours, int state) {
  // What a container said while it was being stopped is not in the stream.
  const bool ended_from_outside = (state == api::CANCELLED && ours.empty()) ||
                                  (state == api::PREEMPTED && ours.starts_with("Preempted by"));
  const bool agree = ours.empty() == armadas.empty() && ours.find(armadas) != std::string::npos;
  return ended_from_outside || agree ? "" : "'" + armadas + "' and '" + ours + "'";
}

}  // namespace armada_cache::test_support
