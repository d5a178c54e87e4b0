#include "core/job/states.h"

#include "armada/api/job.pb.h"
#include "armada/api/submit.pb.h"

namespace armada_cache::job {

bool is_terminal(int job_state) {
  switch (job_state) {
    case api::SUCCEEDED:
    case api::FAILED:
    case api::CANCELLED:
    case api::PREEMPTED:
    case api::REJECTED:
      return true;
    default:
      return false;
  }
}

bool may_become(int from_job_state, int to_job_state) {
  if (!is_terminal(from_job_state)) return true;
  const bool yields = from_job_state != api::PREEMPTED && from_job_state != api::REJECTED;
  return yields && to_job_state == api::PREEMPTED;
}

bool run_has_ended(int run_state) {
  return run_state != api::RUN_STATE_LEASED && run_state != api::RUN_STATE_PENDING &&
         run_state != api::RUN_STATE_RUNNING;
}

}  // namespace armada_cache::job
