// What several answers of armada_cache.v1 have in common.
#pragma once

#include "core/base/clock.h"
#include "core/lookup/job_reader.h"

namespace google::protobuf {
class Timestamp;
}
namespace armada_cache::v1 {
class Relay;
}

namespace armada_cache::query {

// Whole microseconds.
void set_time(base::Time time, google::protobuf::Timestamp& timestamp);
// A time that there never was stays unset.
void fill_relay(const lookup::RelayStatus& status, v1::Relay& relay);

}  // namespace armada_cache::query
