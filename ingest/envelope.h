// Opens just enough of an api.EventStreamMessage to relay it.
#pragma once

#include <string_view>

#include "core/base/clock.h"

namespace armada_cache::ingest {

// Views into the message's bytes. What is absent is empty.
struct Envelope {
  std::string_view id;    // of the message, as Armada sent it
  std::string_view kind;  // the event's field name, such as "submitted"; "" for kinds unknown here
  std::string_view job_id;
  base::Time created;      // 0 where unknown
  bool retryable = false;  // of "failed": the job goes on
  bool readable = true;    // false: the wire form is broken; the rest is what was read before that
};

// Agrees with the generated classes on every message that those accept. It does not look into what
// relaying does not need, so it calls some messages readable that they reject.
Envelope open_envelope(std::string_view message);

}  // namespace armada_cache::ingest
