// What the values of api.JobState and api.JobRunState mean for the rules, without generated code.
#pragma once

namespace armada_cache::job {

// SUCCEEDED, FAILED, CANCELLED, PREEMPTED, REJECTED. False for values out of range.
bool is_terminal(int job_state);

// Whether a job may go from one state to another: anywhere from a non-terminal one; from SUCCEEDED,
// FAILED and CANCELLED only to PREEMPTED; from PREEMPTED and REJECTED nowhere.
bool may_become(int from_job_state, int to_job_state);

// A run that is neither leased, pending nor running any more.
bool run_has_ended(int run_state);

}  // namespace armada_cache::job
