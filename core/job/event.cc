#include "core/job/event.h"

#include <string>

#include "armada/api/event.pb.h"

namespace armada_cache::job {
namespace {

using base::ErrorCode;
using base::fail;

template <typename Message>
Event describe(std::string_view kind, const Message& message) {
  Event event;
  event.kind = kind;
  event.job_id = message.job_id();
  event.job_set = message.job_set_id();
  event.queue = message.queue();
  event.created = message.has_created() ? &message.created() : nullptr;
  return event;
}

Event describe(const api::EventMessage& message) {
  switch (message.events_case()) {
    case api::EventMessage::kSubmitted:
      return describe("submitted", message.submitted());
    case api::EventMessage::kQueued:
      return describe("queued", message.queued());
    case api::EventMessage::kLeased:
      return describe("leased", message.leased());
    case api::EventMessage::kLeaseReturned:
      return describe("lease_returned", message.lease_returned());
    case api::EventMessage::kLeaseExpired:
      return describe("lease_expired", message.lease_expired());
    case api::EventMessage::kPending:
      return describe("pending", message.pending());
    case api::EventMessage::kRunning:
      return describe("running", message.running());
    case api::EventMessage::kFailed:
      return describe("failed", message.failed());
    case api::EventMessage::kSucceeded:
      return describe("succeeded", message.succeeded());
    case api::EventMessage::kReprioritized:
      return describe("reprioritized", message.reprioritized());
    case api::EventMessage::kCancelling:
      return describe("cancelling", message.cancelling());
    case api::EventMessage::kCancelled:
      return describe("cancelled", message.cancelled());
    case api::EventMessage::kUtilisation:
      return describe("utilisation", message.utilisation());
    case api::EventMessage::kIngressInfo:
      return describe("ingress_info", message.ingress_info());
    case api::EventMessage::kReprioritizing:
      return describe("reprioritizing", message.reprioritizing());
    case api::EventMessage::kPreempted:
      return describe("preempted", message.preempted());
    case api::EventMessage::kPreempting:
      return describe("preempting", message.preempting());
    case api::EventMessage::EVENTS_NOT_SET:
      break;
  }
  return {};
}

// Why the event cannot be applied; "" where it can.
std::string defect(const Event& event) {
  if (event.kind.empty()) return "an event of a kind unknown here";
  const std::string what = std::string(event.kind) + " event ";
  if (event.job_id.empty()) return what + "without a job id";
  if (event.job_id.size() > kMaxJobIdBytes) {
    return what + "with a job id of " + std::to_string(event.job_id.size()) + " bytes, more than " +
           std::to_string(kMaxJobIdBytes);
  }
  if (event.queue.empty() || event.job_set.empty()) return what + "without a queue or a job set";
  return {};
}

bool is_sound(const Event& event) {
  return !event.kind.empty() && !event.job_id.empty() && event.job_id.size() <= kMaxJobIdBytes &&
         !event.queue.empty() && !event.job_set.empty();
}

}  // namespace

base::Result<OpenedMessage> open(const api::EventStreamMessage& message) {
  constexpr std::size_t kShownBytes = 64;
  const std::string_view id = message.id();
  const auto parsed = base::UpstreamId::parse(id);
  if (!parsed) {
    return fail(ErrorCode::kInvalidArgument, "malformed message id '" +
                                                 std::string(id.substr(0, kShownBytes)) +
                                                 "', expected <ms>:<sequence>:<index>:<0 or 1>");
  }
  OpenedMessage opened{*parsed, describe(message.message())};
  opened.event.message = &message.message();
  if (is_sound(opened.event)) return opened;
  return fail(ErrorCode::kInvalidArgument, defect(opened.event) + " in message " + std::string(id));
}

}  // namespace armada_cache::job
