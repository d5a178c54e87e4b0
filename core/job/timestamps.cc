#include "core/job/timestamps.h"

#include <google/protobuf/timestamp.pb.h>

namespace armada_cache::job {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kNanosPerMicro = 1'000;
// Years 1 to 9999.
constexpr std::int64_t kMinSeconds = -62'135'596'800;
constexpr std::int64_t kMaxSeconds = 253'402'300'799;

}  // namespace

std::int64_t to_micros(const google::protobuf::Timestamp* timestamp) {
  if (timestamp == nullptr) return 0;
  const std::int64_t seconds = timestamp->seconds();
  const std::int64_t nanos = timestamp->nanos();
  if (seconds < kMinSeconds || seconds > kMaxSeconds) return 0;
  if (nanos < 0 || nanos >= kMicrosPerSecond * kNanosPerMicro) return 0;
  return seconds * kMicrosPerSecond + nanos / kNanosPerMicro;
}

void set_timestamp(std::int64_t micros, google::protobuf::Timestamp& timestamp) {
  std::int64_t seconds = micros / kMicrosPerSecond;
  std::int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    rest += kMicrosPerSecond;
    --seconds;
  }
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<std::int32_t>(rest * kNanosPerMicro));
}

}  // namespace armada_cache::job
