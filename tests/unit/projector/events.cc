#include "tests/unit/projector/events.h"

#include <stdexcept>

#include "core/topics/codecs.h"

namespace armada_cache::projector::testing {
namespace {

constexpr char kUriAnnotation[] = "armadaproject.io/externalJobUri";

}  // namespace

api::EventStreamMessage Stream::next() {
  millis_ += 10;
  api::EventStreamMessage message;
  message.set_id(std::to_string(millis_) + ":0:0:1");
  return message;
}

template <typename Event>
void Stream::describe(const std::string& job_id, Event& event) const {
  event.set_job_id(job_id);
  event.set_queue(job_set_.queue);
  event.set_job_set_id(job_set_.name);
  event.mutable_created()->set_seconds(static_cast<std::int64_t>(millis_ / 1000));
  event.mutable_created()->set_nanos(static_cast<std::int32_t>(millis_ % 1000 * 1'000'000));
}

eventlog::Record Stream::record(const std::string& job_id,
                                const api::EventStreamMessage& message) const {
  topics::EventDescription description;
  description.cluster = "test";
  description.job_set = job_set_;
  description.upstream_id = message.id();
  description.kind = "event";
  description.job_id = job_id;
  return topics::event_record(description, message.SerializeAsString());
}

eventlog::Record Stream::event(const std::string& kind, const std::string& job_id) {
  return custom(job_id, [&](api::EventStreamMessage& message, const base::JobSet&) {
    auto& events = *message.mutable_message();
    if (kind == "queued") return describe(job_id, *events.mutable_queued());
    if (kind == "leased") return describe(job_id, *events.mutable_leased());
    if (kind == "lease_returned") return describe(job_id, *events.mutable_lease_returned());
    if (kind == "pending") return describe(job_id, *events.mutable_pending());
    if (kind == "running") return describe(job_id, *events.mutable_running());
    if (kind == "succeeded") return describe(job_id, *events.mutable_succeeded());
    if (kind == "failed") return describe(job_id, *events.mutable_failed());
    if (kind == "cancelled") return describe(job_id, *events.mutable_cancelled());
    if (kind == "cancelling") return describe(job_id, *events.mutable_cancelling());
    if (kind == "preempted") return describe(job_id, *events.mutable_preempted());
    throw std::invalid_argument(kind);
  });
}

eventlog::Record Stream::submitted(const std::string& job_id, const std::string& external_uri) {
  return custom(job_id, [&](api::EventStreamMessage& message, const base::JobSet& set) {
    auto& submitted = *message.mutable_message()->mutable_submitted();
    describe(job_id, submitted);
    api::Job& job = *submitted.mutable_job();
    job.set_id(job_id);
    job.set_queue(set.queue);
    job.set_job_set_id(set.name);
    job.set_namespace_("default");
    (*job.mutable_labels())["app"] = "test";
    (*job.mutable_labels())["tier"] = "one";
    if (!external_uri.empty()) (*job.mutable_annotations())[kUriAnnotation] = external_uri;
  });
}

eventlog::Record Stream::leased(const std::string& job_id, const std::string& pool) {
  return custom(job_id, [&](api::EventStreamMessage& message, const base::JobSet&) {
    auto& leased = *message.mutable_message()->mutable_leased();
    describe(job_id, leased);
    leased.set_cluster_id("cluster");
    leased.set_pool(pool);
  });
}

eventlog::Record relay(const base::JobSet& job_set, internal::v1::RelayState state,
                       std::int64_t generation, std::int64_t connected_us) {
  internal::v1::RelayRecord record;
  record.set_state(state);
  record.set_generation(generation);
  record.set_connected_us(connected_us);
  return topics::relay_record(job_set, record);
}

std::string job_id(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return "01hq" + std::string(22 - digits.size(), '0') + digits;
}

}  // namespace armada_cache::projector::testing
