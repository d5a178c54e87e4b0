// A hub with room for two job sets, between an Armada and a log that do what the test says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/metrics.h"
#include "ingest/relay_hub.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/ingest/fakes.h"

namespace armada_cache::ingest {

using namespace std::chrono_literals;
using base::JobSet;

inline const JobSet kA{"q", "a"};
inline const JobSet kB{"q", "b"};

class RelayHubTest : public testing::Test {
 protected:
  RelayHubTest() { services_.options.partitions = 4; }

  void lease(const JobSet& job_set, const std::string& subscriber, base::Duration time) {
    internal::v1::SubscriptionRecord record;
    record.set_lease_expires_us(base::to_unix_micros(clock_.now() + time));
    hub_.on_subscription({job_set, subscriber}, record);
    thread_.run_all();
  }
  void end(const JobSet& job_set, const std::string& subscriber) {
    hub_.on_subscription({job_set, subscriber}, std::nullopt);
    thread_.run_all();
  }
  void go() {
    hub_.go();
    thread_.run_all();
  }
  void pass(base::Duration time) {
    clock_.advance(time);
    hub_.on_time();
    thread_.run_all();
  }
  // Nobody wants any more what an ingest before this one followed; the log takes no word of it.
  void be_refused_the_end_of(const JobSet& job_set) {
    StoredRelay stored;
    stored.status.state = RelayState::kFollowing;
    hub_.restore(job_set, stored);
    log_.cork();
    go();
    ASSERT_EQ(log_.waiting.size(), 1U);
    log_.fail(0);
    thread_.run_all();
  }
  RelayState state(const JobSet& job_set) { return hub_.status_of(job_set)->state; }
  StoredRelay last_record(const JobSet& job_set) {
    StoredRelay last;
    for (const auto& record : log_.records(topics::kRelays)) {
      if (record.key == topics::encode_key(job_set))
        last = decode_relay(record.value.value()).value();
    }
    return last;
  }

  FakeThread thread_;
  FakeArmada armada_;
  FakeAppender log_;
  test_support::ManualClock clock_;
  BufferBudget budget_{1 << 20};
  base::Metrics registry_;
  RelayMetrics metrics_{registry_};
  RelayServices services_{{}, armada_, log_, clock_, budget_, metrics_, {}, thread_.post(), {}};
  RelayHub hub_{{.max_job_sets = 2}, services_, 1};
};

}  // namespace armada_cache::ingest
