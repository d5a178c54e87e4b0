#include "core/job/state_machine.h"

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/lifecycle.h"
#include "core/job/timestamps.h"

namespace armada_cache::job {
namespace {

using Message = api::EventMessage;

// Whoever may submit to a job set can ask for something of any id, and the request shows in that
// job set's stream whether or not the job is there.
bool is_request(Message::EventsCase kind) {
  return kind == Message::kCancelling || kind == Message::kPreempting ||
         kind == Message::kReprioritizing;
}

bool owns(const Event& event, const JobRecord& record) {
  return record.queue() == event.queue && record.job_set() == event.job_set;
}

bool is_newer(const base::UpstreamId& id, const JobRecord& record) {
  if (!record.has_last_id()) return true;
  const auto& last = record.last_id();
  return id > base::UpstreamId{last.millis(), last.sequence(), last.index()};
}

void take_over(const Event& event, JobRecord& record) {
  record.Clear();
  record.set_queue(event.queue.data(), event.queue.size());
  record.set_job_set(event.job_set.data(), event.job_set.size());
}

void remember(const base::UpstreamId& id, JobRecord& record) {
  auto& last = *record.mutable_last_id();
  last.set_millis(id.millis);
  last.set_sequence(id.sequence);
  last.set_index(id.index);
}

void change_by(const Message& message, const Change& change) {
  switch (message.events_case()) {
    case Message::kSubmitted:
      return on(message.submitted(), change);
    case Message::kQueued:
      return on(message.queued(), change);
    case Message::kLeased:
      return on(message.leased(), change);
    case Message::kLeaseReturned:
      return on(message.lease_returned(), change);
    case Message::kLeaseExpired:
      return on(message.lease_expired(), change);
    case Message::kPending:
      return on(message.pending(), change);
    case Message::kRunning:
      return on(message.running(), change);
    case Message::kFailed:
      return on(message.failed(), change);
    case Message::kSucceeded:
      return on(message.succeeded(), change);
    case Message::kReprioritized:
      return on(message.reprioritized(), change);
    case Message::kCancelled:
      return on(message.cancelled(), change);
    case Message::kUtilisation:
      return on(message.utilisation(), change);
    case Message::kIngressInfo:
      return on(message.ingress_info(), change);
    case Message::kPreempted:
      return on(message.preempted(), change);
    case Message::kCancelling:
    case Message::kPreempting:
    case Message::kReprioritizing:
    case Message::EVENTS_NOT_SET:
      return;
  }
}

}  // namespace

Outcome apply(const Event& event, base::UpstreamId id, bool known, JobRecord& record) {
  const Message::EventsCase kind = event.message->events_case();
  bool first = !known;
  if (first) {
    if (is_request(kind)) return Outcome::kUnknownJob;
    take_over(event, record);
  } else if (!owns(event, record)) {
    if (kind != Message::kSubmitted || record.submitted_seen()) return Outcome::kForeign;
    take_over(event, record);
    first = true;
  } else if (!is_newer(id, record)) {
    return Outcome::kStraggler;
  }
  change_by(*event.message, Change{to_micros(event.created), first, record});
  remember(id, record);
  return Outcome::kApplied;
}

}  // namespace armada_cache::job
