// The runs of a job record: which run an event is about, and what it tells of it. Internal to
// core/job. An executor's reports and the scheduler's decisions come from different clocks, so
// times are compared only with times from the same source.
#pragma once

#include <cstdint>
#include <string_view>

#include "armada/api/job.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"

namespace armada_cache::job {

using internal::v1::JobRecord;
using internal::v1::RunRecord;

// Beyond this many runs the oldest are given up, so that a job that is leased for ever stays small.
inline constexpr int kMaxRuns = 64;
inline constexpr int kMaxPodsOfRun = 8;

// Null where the job has no run yet.
RunRecord* latest_run(JobRecord& record);
const RunRecord* latest_run(const JobRecord& record);

// Where an executor's report comes from: its cluster and the Kubernetes id of the pod.
struct Origin {
  std::string_view cluster;
  std::string_view pod;
};

// The run that a report is about: the one with that pod; else the latest on that cluster; else the
// latest. Where there is none (the stream began after the lease) it is added, with an unknown time.
RunRecord& run_of(const Origin& origin, JobRecord& record);

RunRecord& add_run(JobRecord& record);

// Whether the event was seen before: repeats come under new ids, even after a next run has begun.
bool has_lease_of(std::int64_t created_us, std::string_view cluster, const JobRecord& record);
bool has_end_at(std::int64_t created_us, const JobRecord& record);
// Of reports that set `time`; one older than what `run` has is a repeat as well.
using TimeOfRun = std::int64_t (RunRecord::*)() const;
bool has_report(TimeOfRun time, std::int64_t created_us, const RunRecord& run,
                const JobRecord& record);

// Whether the scheduler decided something at `created_us` before it leased the latest run.
bool precedes_latest_lease(std::int64_t created_us, const JobRecord& record);

// Ends the run, if it has not ended.
void end_run(api::JobRunState state, std::int64_t created_us, RunRecord& run);

// Keeps why a run ended, in place of what was known.
void set_error(std::string_view reason, RunRecord& run);

// Keeps why the latest run ended; where it has another error already, keeps it as the job's.
void note_error(std::string_view reason, JobRecord& record);

}  // namespace armada_cache::job
