#include "ingest/relay_status.h"

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"

namespace armada_cache::ingest {
namespace {

internal::v1::RelayState to_proto(RelayState state) {
  switch (state) {
    case RelayState::kCatchingUp:
      return internal::v1::RELAY_STATE_CATCHING_UP;
    case RelayState::kFollowing:
      return internal::v1::RELAY_STATE_FOLLOWING;
    case RelayState::kRetrying:
      return internal::v1::RELAY_STATE_RETRYING;
    case RelayState::kRefused:
      return internal::v1::RELAY_STATE_REFUSED;
    case RelayState::kGone:
      return internal::v1::RELAY_STATE_GONE;
    case RelayState::kParked:
      return internal::v1::RELAY_STATE_PARKED;
    case RelayState::kStopped:
      return internal::v1::RELAY_STATE_STOPPED;
  }
  return internal::v1::RELAY_STATE_UNSPECIFIED;
}

RelayState from_proto(internal::v1::RelayState state) {
  switch (state) {
    case internal::v1::RELAY_STATE_CATCHING_UP:
      return RelayState::kCatchingUp;
    case internal::v1::RELAY_STATE_FOLLOWING:
      return RelayState::kFollowing;
    case internal::v1::RELAY_STATE_REFUSED:
      return RelayState::kRefused;
    case internal::v1::RELAY_STATE_GONE:
      return RelayState::kGone;
    case internal::v1::RELAY_STATE_PARKED:
      return RelayState::kParked;
    case internal::v1::RELAY_STATE_STOPPED:
      return RelayState::kStopped;
    default:
      return RelayState::kRetrying;
  }
}

}  // namespace

std::string_view name_of(RelayState state) {
  switch (state) {
    case RelayState::kCatchingUp:
      return "catching_up";
    case RelayState::kFollowing:
      return "following";
    case RelayState::kRetrying:
      return "retrying";
    case RelayState::kRefused:
      return "refused";
    case RelayState::kGone:
      return "gone";
    case RelayState::kParked:
      return "parked";
    case RelayState::kStopped:
      return "stopped";
  }
  return "stopped";
}

eventlog::Record encode_relay(const base::JobSet& job_set, const RelayStatus& status,
                              std::int64_t generation, base::Time now) {
  internal::v1::RelayRecord record;
  record.set_cursor(status.cursor);
  record.set_state(to_proto(status.state));
  record.set_last_error(status.last_error);
  record.set_state_since_us(base::to_unix_micros(status.state_since));
  record.set_connected_us(base::to_unix_micros(status.connected_at));
  record.set_updated_us(base::to_unix_micros(now));
  record.set_generation(generation);
  return topics::relay_record(job_set, record);
}

base::Result<StoredRelay> decode_relay(std::string_view value) {
  internal::v1::RelayRecord record;
  if (auto decoded = topics::decode(value, record); !decoded) {
    return tl::unexpected(decoded.error());
  }
  StoredRelay stored;
  stored.status = {from_proto(record.state()), record.last_error(),
                   base::from_unix_micros(record.state_since_us()),
                   base::from_unix_micros(record.connected_us()), record.cursor()};
  stored.generation = record.generation();
  return stored;
}

}  // namespace armada_cache::ingest
