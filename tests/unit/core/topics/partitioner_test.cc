#include "core/topics/partitioner.h"

#include <gtest/gtest.h>

#include "core/topics/codecs.h"

namespace armada_cache::topics {
namespace {

// Vectors of Kafka's own UtilsTest.testMurmur2, as Java's signed numbers.
TEST(Partitioner, HashesAsJavaDoes) {
  const std::pair<const char*, std::int32_t> vectors[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107}};
  for (const auto& [key, hash] : vectors) {
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(key)), hash) << key;
  }
}

TEST(Partitioner, PartitionsAreWithinTheCount) {
  for (int i = 0; i < 1000; ++i) {
    const auto partition = partition_of_job("job-" + std::to_string(i), 7);
    EXPECT_GE(partition, 0);
    EXPECT_LT(partition, 7);
  }
}

TEST(Partitioner, AJobSetsPartitionIsThatOfItsKey) {
  const base::JobSet job_set{"q-a", "basic"};
  EXPECT_EQ(partition_of_job_set(job_set, 8), partition_of(encode_key(job_set), 8));
}

}  // namespace
}  // namespace armada_cache::topics
