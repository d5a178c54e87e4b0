// The service on a log whose topic comes as slowly as the test wants.
#include "query/subscriptions/subscription_service.h"

#include <gmock/gmock.h>

#include <future>

#include "armada_cache/internal/v1/records.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_log.h"
#include "tests/unit/query/fake_reader.h"
#include "tests/unit/query/later_queue.h"

namespace armada_cache::query {
namespace {

using std::chrono::seconds;
using test_support::eventually;

constexpr seconds kSoon{20};
const base::JobSet kA{"q", "a"};
const topics::SubscriptionName kName{kA, "dag"};
const eventlog::TopicPartition kTopic{std::string(topics::kSubscriptions), 0};

class SubscriptionServiceTest : public testing::Test {
 protected:
  SubscriptionServiceTest() {
    EXPECT_TRUE(log_.ensure_topic(
        {.name = kTopic.topic, .partitions = 1, .cleanup = eventlog::Cleanup::kCompaction}));
  }
  ~SubscriptionServiceTest() override { service_.stop(); }

  void append_lease(base::Duration lease) {
    internal::v1::SubscriptionRecord record;
    record.set_lease_expires_us(base::to_unix_micros(clock_.now() + lease));
    log_.append(kTopic, topics::subscription_record(kName, record));
  }
  bool is_read() {
    return eventually(kSoon, [this] { return service_.caught_up(); });
  }
  // Everything before it is read back then.
  bool is_read_to_the_end() { return unsubscribe({kA, "nobody"}).has_value(); }
  base::Result<bool> unsubscribe(const topics::SubscriptionName& name = kName) {
    auto told = std::make_shared<std::promise<base::Result<bool>>>();
    auto existed = told->get_future();
    service_.unsubscribe(name, [told](const auto& result) { told->set_value(result); });
    if (existed.wait_for(kSoon) == std::future_status::ready) return existed.get();
    return base::fail(base::ErrorCode::kDeadlineExceeded, "the test waits no longer");
  }

  base::SystemClock system_;
  test_support::ManualClock clock_;
  test_support::MemoryLog log_{system_};
  FakeReader reader_;
  base::Metrics metrics_;
  LaterQueue later_;
  SubscriptionService service_{{}, log_, reader_, clock_, metrics_, later_.later()};
};

TEST_F(SubscriptionServiceTest, WhatIsNotReadYetIsNeitherListedNorSaidNotToBe) {
  append_lease(std::chrono::hours(1));
  log_.hold(kTopic, 0);
  ASSERT_TRUE(service_.start());
  EXPECT_EQ(unsubscribe().error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(service_.list(std::nullopt, {}, 10).error().code, base::ErrorCode::kUnavailable);
  log_.release(kTopic);
  ASSERT_TRUE(is_read());
  EXPECT_EQ(service_.list(std::nullopt, {}, 10)->size(), 1U);
  EXPECT_TRUE(unsubscribe().value());
  EXPECT_TRUE(service_.list(std::nullopt, {}, 10)->empty());
}

TEST_F(SubscriptionServiceTest, UnreadableRecordsAreAllCountedAndToldOfInAFewLines) {
  for (int i = 0; i < 50; ++i) {
    log_.append(kTopic, {"\xff no key " + std::to_string(i), "no record", {}});
  }
  append_lease(std::chrono::hours(1));
  testing::internal::CaptureStderr();
  ASSERT_TRUE(service_.start());
  ASSERT_TRUE(is_read());
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 10) << told;
  EXPECT_EQ(service_.list(std::nullopt, {}, 10)->size(), 1U);
  EXPECT_THAT(metrics_.text(), testing::HasSubstr("query_unreadable_records_total 50"));
}

TEST_F(SubscriptionServiceTest, UnsubscribingEndsALeaseThatIsInTheLogAndNotReadYet) {
  ASSERT_TRUE(service_.start());
  ASSERT_TRUE(is_read());
  log_.hold(kTopic, 0);
  append_lease(std::chrono::hours(1));
  auto existed = std::async(std::launch::async, [this] { return unsubscribe(); });
  ASSERT_TRUE(eventually(kSoon, [this] { return log_.end_offset(kTopic).value() == 2; }));
  log_.release(kTopic);
  EXPECT_TRUE(existed.get());
  EXPECT_TRUE(service_.list(std::nullopt, {}, 10)->empty());
}

// By the clock of the ingest the lease may have ended, and the relay with it.
TEST_F(SubscriptionServiceTest,
       Invariant4ARenewalAtTheEdgeOfALeaseIsInDoubtUntilTheRelayHasSpoken) {
  append_lease(seconds(60));
  ASSERT_TRUE(service_.start());
  ASSERT_TRUE(is_read());
  EXPECT_NE(service_.of(kA), "");
  reader_.set_relay(kA, internal::v1::RELAY_STATE_FOLLOWING);
  reader_.set_written(kA, clock_.now());
  ASSERT_TRUE(eventually(kSoon, [this] {
    later_.run_one();
    return service_.of(kA).empty();
  }));

  clock_.advance(seconds(20));
  append_lease(seconds(60));
  ASSERT_TRUE(is_read_to_the_end());
  EXPECT_EQ(service_.of(kA), "") << "no relay can have seen an end";
  clock_.advance(seconds(59));
  append_lease(seconds(60));
  ASSERT_TRUE(is_read_to_the_end());
  EXPECT_NE(service_.of(kA), "");
}

}  // namespace
}  // namespace armada_cache::query
