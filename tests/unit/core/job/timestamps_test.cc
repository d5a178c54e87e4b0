#include "core/job/timestamps.h"

#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

namespace armada_cache::job {
namespace {

google::protobuf::Timestamp timestamp(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp result;
  result.set_seconds(seconds);
  result.set_nanos(nanos);
  return result;
}

TEST(Timestamps, AreCutToMicroseconds) {
  const auto exact = timestamp(1'795'340'106, 183'779'999);
  EXPECT_EQ(to_micros(&exact), 1'795'340'106'183'779);
}

TEST(Timestamps, OutOfRangeIsUnknown) {
  EXPECT_EQ(to_micros(nullptr), 0);
  for (const auto& wrong : {timestamp(INT64_MAX, 0), timestamp(INT64_MIN, 0), timestamp(1, -1),
                            timestamp(1, 1'000'000'000)}) {
    EXPECT_EQ(to_micros(&wrong), 0);
  }
}

TEST(Timestamps, ComeBackAsTheyWere) {
  for (const std::int64_t micros : {1LL, 999'999LL, 1'795'340'106'183'779LL, -1LL, -1'500'000LL}) {
    google::protobuf::Timestamp made;
    set_timestamp(micros, made);
    EXPECT_EQ(to_micros(&made), micros);
  }
}

}  // namespace
}  // namespace armada_cache::job
