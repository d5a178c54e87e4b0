#include "ingest/relay_status.h"

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"

namespace armada_cache::ingest {
eventlog::Record encode_relay(const base::JobSet& job_set, const RelayStatus& status,
                              std::int64_t generation, base::Time now) {
  internal::v1::RelayRecord record;
  record.set_cursor(status.cursor);
  record.set_state(static_cast<internal::v1::RelayState>(status.state));
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
  stored.status = {relay::state_of(record.state()), record.last_error(),
                   base::from_unix_micros(record.state_since_us()),
                   base::from_unix_micros(record.connected_us()), record.cursor()};
  stored.generation = record.generation();
  return stored;
}

}  // namespace armada_cache::ingest
