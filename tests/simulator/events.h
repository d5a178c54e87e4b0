// Makes the events of simulated jobs.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "tests/simulator/life.h"

namespace api {
class EventMessage;
class Job;
}  // namespace api
namespace google::protobuf {
class MessageLite;
}

namespace armada_cache::simulator {

// The job that an event is about, as the event names it. `run` counts from 1; 0 = not yet leased.
struct EventSubject {
  const std::string& job_id;
  const base::JobSet& job_set;
  std::uint32_t run = 0;
};

// The event of any step but kSubmitted. The same subject, step and time give the same event.
api::EventMessage make_event(Step step, const EventSubject& subject, base::Time created);

// The submitted event of this job; its ids and times are filled in.
api::EventMessage make_submitted(const EventSubject& subject, base::Time created, api::Job job);

// The message's bytes, the same each time: by itself protobuf writes maps in any order.
std::string encode(const google::protobuf::MessageLite& message);

// A job of somebody's with about `spec_bytes` of pod spec.
api::Job make_job(std::size_t spec_bytes);

}  // namespace armada_cache::simulator
