// A question to the log that can be given up.
#pragma once

#include <functional>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::projector {

// Whether what is being done is not wanted any more. Asked from several threads.
using GiveUp = std::function<bool()>;

// kCancelled.
base::Status given_up();

// As EventLog::end_offsets(), but kCancelled a moment after `give_up` says so. Of each that is
// asked for, there is one.
base::Result<eventlog::Positions> await_ends(eventlog::EventLog& log,
                                             const std::vector<eventlog::TopicPartition>& of,
                                             const GiveUp& give_up);

}  // namespace armada_cache::projector
