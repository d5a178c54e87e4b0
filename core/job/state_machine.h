// The domain's heart: how an event changes what is known of a job. Pure: no I/O, no clock.
// The rules are those of docs/architecture.md, "From events to job state".
#pragma once

#include <optional>

#include "core/base/upstream_id.h"
#include "core/job/event.h"

namespace armada_cache::internal::v1 {
class JobRecord;
}

namespace armada_cache::job {

using JobRecord = internal::v1::JobRecord;

// What became of an event.
enum class Outcome {
  kApplied,     // the record is created or changed (at least its last id)
  kStraggler,   // not newer than what the record has seen: no effect
  kForeign,     // names a job of another (queue, job set): no effect
  kUnknownJob,  // only asks for something (cancelling, preempting, reprioritizing) of a job that is
                // not known, so perhaps not this job set's: creates nothing
};

// Applies one event to what is known of its job; `known` tells whether `record` holds anything yet
// (an unknown job's record is given empty). Applying the same history again, in whole or in part,
// leaves the record as it is. Terminal states are sticky, but for PREEMPTED, which overrides
// SUCCEEDED, FAILED and CANCELLED.
Outcome apply(const Event& event, base::UpstreamId id, bool known, JobRecord& record);

}  // namespace armada_cache::job
