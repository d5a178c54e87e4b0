// From a record of armada.events to an event that can be applied, or the reason why not.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "core/eventlog/record.h"
#include "core/job/event.h"
#include "projector/change_set.h"

namespace google::protobuf {
class Arena;
}

namespace armada_cache::projector {

struct Refusal {
  Rejection reason = Rejection::kUndecodable;
  std::string detail;
};

// The message lives in the arena, the event's views in the message.
tl::expected<job::OpenedMessage, Refusal> open_event(const eventlog::RecordView& record,
                                                     google::protobuf::Arena& arena);

// Whether the record's headers agree with what its message says. A record without the header
// agrees. `checked` is a ce_source already found to agree with this job set, to save time.
tl::expected<void, Refusal> check_source(const eventlog::RecordView& record, JobSetView job_set,
                                         std::string_view& checked);

}  // namespace armada_cache::projector
