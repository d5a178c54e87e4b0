// An event as it came off the wire, opened as far as the projection needs.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/error.h"
#include "core/base/upstream_id.h"

namespace api {
class EventMessage;
class EventStreamMessage;
}  // namespace api
namespace google::protobuf {
class Timestamp;
}

namespace armada_cache::job {

// Armada's job ids have 26 bytes; an id is a key, so it must not be without limit.
inline constexpr std::size_t kMaxJobIdBytes = 512;

// What every kind of event has. Views and pointers belong to the message it was taken from.
struct Event {
  const api::EventMessage* message = nullptr;
  // "submitted", "lease_returned", ...: the field's name in EventMessage; "" for a kind unknown
  // here.
  std::string_view kind;
  std::string_view job_id;
  std::string_view job_set;
  std::string_view queue;
  const google::protobuf::Timestamp* created = nullptr;
};

struct OpenedMessage {
  base::UpstreamId id;
  Event event;
};

// kInvalidArgument: why this message can never be applied (id malformed, kind unknown here, no job
// id or one too long, no queue or job set).
base::Result<OpenedMessage> open(const api::EventStreamMessage& message);

}  // namespace armada_cache::job
