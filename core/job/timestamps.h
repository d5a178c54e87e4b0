// Between protobuf's Timestamp and the microseconds of job records.
#pragma once

#include <cstdint>

namespace google::protobuf {
class Timestamp;
}

namespace armada_cache::job {

// Unix microseconds, cut off below as Armada does; 0 for none and for a time outside of what a
// Timestamp may hold.
std::int64_t to_micros(const google::protobuf::Timestamp* timestamp);

void set_timestamp(std::int64_t micros, google::protobuf::Timestamp& timestamp);

}  // namespace armada_cache::job
