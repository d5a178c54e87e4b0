// A reader of librdkafka's own broker for tests, beside a cluster that says nothing.
#include "core/eventlog/kafka/reader.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"

namespace armada_cache::eventlog::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(KafkaReaderTest, APollDoesNotWaitLongForAClusterThatCannotTellWhereToGoOn) {
  const KafkaLogOptions silent{.brokers = "127.0.0.1:1"};
  auto client = Client::make_consumer("control", control_properties(silent));
  ASSERT_TRUE(client) << client.error().message;
  Cluster cluster(*std::move(client), silent.brokers, std::chrono::seconds(20));
  const KafkaLogOptions mock{.brokers = "unused:1", .properties = {{"test.mock.num.brokers", "1"}}};
  const auto reader = KafkaReader::make(mock, cluster, {{{"topic", 0}, 1'000}});
  ASSERT_TRUE(reader) << reader.error().message;
  base::Error error;
  auto took = steady_clock::duration::zero();
  ASSERT_TRUE(test_support::eventually(std::chrono::seconds(30), [&] {
    const auto before = steady_clock::now();
    const auto polled = (*reader)->poll(1, milliseconds(50));
    took = steady_clock::now() - before;
    if (!polled) error = polled.error();
    return !polled;
  }));
  EXPECT_EQ(error.code, base::ErrorCode::kUnavailable) << error.message;
  EXPECT_LT(took, std::chrono::seconds(5));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
