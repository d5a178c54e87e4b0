// What is known of one job set's relay; becomes the record in armada.relays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"
#include "core/eventlog/record.h"
#include "core/relay/state.h"

namespace armada_cache::ingest {

using RelayState = relay::State;

struct RelayStatus {
  RelayState state = RelayState::kStopped;
  std::string last_error;
  base::Time state_since;
  base::Time connected_at;  // the last moment at which the stream was known to be whole; 0: never
  std::string cursor;

  bool operator==(const RelayStatus&) const = default;
};

// The error of one that its ingest let go of while it was wanted.
inline constexpr const char* kLetGo = "the ingest that relayed it has stopped";

// A status as the log has it, with who wrote it.
struct StoredRelay {
  RelayStatus status;
  std::int64_t generation = 0;
};

eventlog::Record encode_relay(const base::JobSet& job_set, const RelayStatus& status,
                              std::int64_t generation, base::Time now);
// kDataLoss: the bytes are no relay record.
base::Result<StoredRelay> decode_relay(std::string_view value);

}  // namespace armada_cache::ingest
