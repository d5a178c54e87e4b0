#include "tests/simulator/faults.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include "armada/api/event.pb.h"
#include "tests/simulator/events.h"

namespace armada_cache::simulator {
namespace {

constexpr int kUnknownField = 1000;

// The event inside, whatever its kind; nullptr if there is none.
google::protobuf::Message* inner_of(api::EventMessage& event) {
  const auto* const reflection = event.GetReflection();
  const auto* const oneof = event.GetDescriptor()->FindOneofByName("events");
  const auto* const field = reflection->GetOneofFieldDescriptor(event, oneof);
  return field == nullptr ? nullptr : reflection->MutableMessage(&event, field);
}

std::string job_id_of(api::EventMessage& event) {
  google::protobuf::Message* const inner = inner_of(event);
  if (inner == nullptr) return "";
  return inner->GetReflection()->GetString(*inner, inner->GetDescriptor()->FindFieldByNumber(1));
}

void clear_job_id(api::EventMessage& event) {
  google::protobuf::Message* const inner = inner_of(event);
  inner->GetReflection()->ClearField(inner, inner->GetDescriptor()->FindFieldByNumber(1));
}

bool is_terminal(const api::EventMessage& event) {
  return event.has_succeeded() || event.has_cancelled() ||
         (event.has_failed() && !event.failed().retryable());
}

// The event as a newer Armada might repeat it, or one of a kind that is not known.
std::string encode_as_newer(api::EventMessage event, bool unknown_kind) {
  google::protobuf::Message* const inner = inner_of(event);
  inner->GetReflection()->MutableUnknownFields(inner)->AddVarint(kUnknownField, 1);
  if (event.has_failed()) {
    event.mutable_failed()->add_container_statuses()->set_cause(static_cast<api::Cause>(77));
  }
  if (unknown_kind) {
    const std::string bytes = encode(*inner);
    event.Clear();
    event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(kUnknownField, bytes);
  }
  return encode(event);
}

}  // namespace

void FaultInjector::follow(const base::JobSet& job_set, const api::EventMessage& event,
                           base::Time now, std::vector<JobSetStream::Outgoing>& parts) {
  api::EventMessage copy = event;
  const std::string job_id = job_id_of(copy);
  if (job_id.empty()) return;
  const std::string encoded = parts.back().bytes;
  if (event.has_submitted()) remember(job_set, job_id);
  if (strikes(options_.duplicate_probability, "duplicate")) parts.push_back({encoded});
  if (is_terminal(event) && strikes(options_.late_probability, "late")) {
    parts.push_back({encode(make_late(job_set, job_id, now))});
  }
  if (strikes(options_.foreign_probability, "foreign")) {
    parts.push_back({encode(make_foreign(job_set, now))});
  }
  if (strikes(options_.unknown_kind_probability, "unknown_kind")) {
    parts.push_back({encode_as_newer(event, random_() % 2 == 0)});
  }
  if (strikes(options_.oversized_probability, "oversized")) {
    api::EventMessage big = make_event(Step::kUtilisation, {job_id, job_set}, now);
    (*big.mutable_utilisation()->mutable_total_cumulative_usage())["sim"].assign(
        options_.oversized_bytes, 'x');
    parts.push_back({encode(big)});
  }
  if (strikes(options_.no_job_id_probability, "no_job_id")) {
    clear_job_id(copy);
    parts.push_back({encode(copy)});
  }
  follow_with_undecodable(encoded, parts);
}

void FaultInjector::follow_with_undecodable(const std::string& encoded,
                                            std::vector<JobSetStream::Outgoing>& parts) {
  if (strikes(options_.truncated_probability, "truncated")) {
    parts.push_back({encoded, JobSetStream::Form::kTruncated});
  }
  if (strikes(options_.garbage_probability, "garbage")) {
    std::string garbage(1 + random_() % 200, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random_());
    garbage.front() = '\xff';
    garbage.back() = '\xff';
    parts.push_back({std::move(garbage), JobSetStream::Form::kRaw});
  }
}

bool FaultInjector::strikes(double probability, const char* kind) {
  if (!happens(probability, random_)) return false;
  ++injected_[kind];
  return true;
}

api::EventMessage FaultInjector::make_foreign(const base::JobSet& job_set, base::Time now) {
  constexpr std::array<Step, 3> kSteps{Step::kCancelling, Step::kPreempting, Step::kReprioritizing};
  const auto& [owner, known] = recent_[random_() % recent_.size()];
  const bool is_foreign = !known.empty() && owner != job_set;
  const std::string job_id = is_foreign ? known : make_job_id(now, random_);
  return make_event(kSteps[random_() % kSteps.size()], {job_id, job_set}, now);
}

api::EventMessage FaultInjector::make_late(const base::JobSet& job_set, const std::string& job_id,
                                           base::Time now) {
  constexpr std::array<Step, 3> kSteps{Step::kPending, Step::kRunning, Step::kLeaseReturned};
  return make_event(kSteps[random_() % kSteps.size()], {job_id, job_set, 1}, now);
}

void FaultInjector::remember(const base::JobSet& job_set, const std::string& job_id) {
  if (options_.foreign_probability <= 0) return;
  recent_[random_() % recent_.size()] = {job_set, job_id};
}

}  // namespace armada_cache::simulator
