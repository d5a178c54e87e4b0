// What each kind of event does to its job's record, ownership and order being settled. Internal to
// core/job. Each is idempotent by content: the same event under a new id changes nothing.
#pragma once

#include <cstdint>

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"

namespace armada_cache::job {

// An event's time, what is known of its job, and whether this event is the first of it.
struct Change {
  std::int64_t created_us;
  bool first;
  internal::v1::JobRecord& record;
};

void on(const api::JobSubmittedEvent& event, const Change& change);
void on(const api::JobQueuedEvent& event, const Change& change);
void on(const api::JobLeasedEvent& event, const Change& change);
void on(const api::JobLeaseReturnedEvent& event, const Change& change);
void on(const api::JobLeaseExpiredEvent& event, const Change& change);
void on(const api::JobPendingEvent& event, const Change& change);
void on(const api::JobRunningEvent& event, const Change& change);
void on(const api::JobFailedEvent& event, const Change& change);
void on(const api::JobSucceededEvent& event, const Change& change);
void on(const api::JobReprioritizedEvent& event, const Change& change);
void on(const api::JobCancelledEvent& event, const Change& change);
void on(const api::JobUtilisationEvent& event, const Change& change);
void on(const api::JobIngressInfoEvent& event, const Change& change);
void on(const api::JobPreemptedEvent& event, const Change& change);

}  // namespace armada_cache::job
