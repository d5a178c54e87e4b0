// Messages as Armada sends them, of the sizes that real ones have: 200 to 600 bytes, and 1 to 3 kB
// for a submitted event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/eventlog/record.h"

namespace api {
class EventMessage;
}

namespace armada_cache::bench {

enum class Step { kSubmitted, kQueued, kLeased, kPending, kRunning, kUtilisation, kSucceeded };

// From submission to success, and what of it a job has behind it that runs.
std::vector<Step> whole_life();
std::vector<Step> life_until_running();

// The job set that the job of this index belongs to.
base::JobSet job_set_of(std::uint64_t job);

// The event as Armada tells it.
api::EventMessage make_event(std::uint64_t job, Step step, base::Time created);

// The record that ingest appends for one event of the job. Sequences grow from event to event.
eventlog::Record make_record(std::uint64_t job, Step step, std::uint64_t sequence);

}  // namespace armada_cache::bench
