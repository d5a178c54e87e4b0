// Bounds and paces of the subscriptions; app/ fills them.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/eventlog/record.h"
#include "core/eventlog/topic_follower.h"

namespace armada_cache::query {

struct SubscriptionOptions {
  eventlog::Partition partitions = 1;  // of armada.subscriptions
  std::chrono::seconds default_lease = std::chrono::minutes(30);
  std::chrono::seconds max_lease = std::chrono::hours(24 * 7);
  std::chrono::seconds poll_lease = std::chrono::minutes(15);  // what a jobservice poll takes
  std::size_t max_subscriptions = 100'000;
  std::size_t max_name_bytes = 1024;  // of a queue, a job set and a subscriber each
  // A job set at rest is woken by a question for a job that is not known, so often at the most;
  // and so many job sets within that time.
  std::chrono::milliseconds wake_interval{2000};
  std::size_t max_wakes = 10'000;
  // How often polls for jobs by id alone are looked at, to renew leases (at least four times in a
  // poll's lease); and how many job sets are asked for at a time.
  std::chrono::milliseconds poll_check_interval{5000};
  std::size_t poll_check_page = 1000;
  // How often it is looked whether relays have been read since they were asked, and of how many.
  std::chrono::milliseconds relay_check_interval{20};
  std::size_t relay_checks_at_once = 256;
  // How long a relay's owner may say nothing before it is asked how the relay is. The pause after
  // asking is wake_interval at first, doubles, and is relay_ask_pause_max at the most.
  std::chrono::milliseconds relay_ask_after = std::chrono::seconds(1);
  std::chrono::milliseconds relay_ask_pause_max = std::chrono::minutes(1);
  // How far the clocks of those who relay may be apart from this server's.
  std::chrono::milliseconds clock_margin = std::chrono::seconds(2);
  eventlog::FollowOptions follow{.batch_records = 1000,
                                 .poll_wait = std::chrono::milliseconds(100),
                                 .retry_pause = std::chrono::milliseconds(250)};
};

}  // namespace armada_cache::query
