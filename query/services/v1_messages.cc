#include "query/services/v1_messages.h"

#include "armada_cache/v1/cache.pb.h"
#include "core/job/timestamps.h"

namespace armada_cache::query {

void set_time(base::Time time, google::protobuf::Timestamp& timestamp) {
  job::set_timestamp(base::to_unix_micros(time), timestamp);
}

void fill_relay(const lookup::RelayStatus& status, v1::Relay& relay) {
  relay.set_state(static_cast<v1::RelayState>(status.state));
  relay.set_last_error(status.last_error);
  if (status.state_since != base::Time{})
    set_time(status.state_since, *relay.mutable_state_since());
  if (status.connected != base::Time{}) set_time(status.connected, *relay.mutable_connected());
}

}  // namespace armada_cache::query
