#include "app/settings/query.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "app/settings/server.h"

namespace armada_cache::app {
namespace {

void declare_answers(query::QueryOptions& options, base::Settings& settings) {
  settings.rarely_needed();
  settings.add("certainty-interval", options.certainty_interval, {1, 60'000},
               "How often a call asks again while it waits to become sure.");
  settings.add("inline-ids", options.inline_ids, {0, 500},
               "Lookups of more jobs go to the threads of query-threads.");
  settings.add("status-slots", options.status_slots, {1, 100'000},
               "Lookups that may arrive at once.");
  settings.add("max-jobs-of-uri", options.max_jobs_of_uri, {1, 1'000'000},
               "Jobs with one external job URI; a question for a URI of more is an error.");
  settings.add("max-pages-of-uri", options.max_pages_of_uri, {1, 1'000'000},
               "Pages of a job set that are searched for such a URI; each looks at list-scan jobs "
               "at the most.");
  settings.add("default-page-size", options.default_page_size, {1, 100'000},
               "Entries of a page where the caller names no number.");
  settings.add("max-page-size", options.max_page_size, {1, 100'000},
               "Entries of a page at the most.");
}

void declare_subscriptions(query::SubscriptionOptions& options, base::Settings& settings) {
  settings.section("Following Armada");
  settings.add("max-subscriptions", options.max_subscriptions, {1, 10'000'000},
               "Subscriptions at the same time; more are turned away.");
  settings.add("lease", options.default_lease, range::kPatience,
               "A subscription's life, where it names none.");
  settings.add("poll-lease", options.poll_lease, range::kPatience,
               "How long a poll of jobservice keeps its job set followed.");
  settings.add("max-lease", options.max_lease, range::kPatience,
               "The longest life a subscription gets.");
}

void declare_rare_subscriptions(query::SubscriptionOptions& options, base::Settings& settings) {
  settings.rarely_needed();
  settings.add_bytes("max-name-bytes", options.max_name_bytes, {64, 64 << 10},
                     "Length of the name of a queue, a job set or a subscriber.");
  settings.add("relay-ask-after", options.relay_ask_after, {0, 600'000},
               "After so long a relay that has said nothing since the start is asked how it is.");
  settings.add("relay-ask-pause-max", options.relay_ask_pause_max, {100, 3'600'000},
               "Longest pause until it is asked again; they double from wake-interval on.");
  settings.add("relay-check-interval", options.relay_check_interval, {1, 60'000},
               "How often it is looked what relays have said.");
  settings.add("relay-checks-at-once", options.relay_checks_at_once, {1, 100'000},
               "Relays looked at for that at a time.");
  settings.add("clock-margin", options.clock_margin, {0, 5000},
               "How far the clocks of those who follow Armada may be apart from this one's.");
  settings.add("wake-interval", options.wake_interval, {10, 600'000},
               "How often a job set at rest is looked at for jobs that are not known.");
  settings.add("max-wakes", options.max_wakes, range::kCount,
               "Job sets at rest that are looked at so within that time.");
  settings.add("poll-check-interval", options.poll_check_interval, {10, 3'600'000},
               "How often polls for jobs by their ids renew leases.");
  settings.add("poll-check-page", options.poll_check_page, {1, 100'000},
               "Job sets looked at for that at a time.");
  settings.add("query-subscriptions-batch", options.follow.batch_records, {1, 1'000'000},
               "Subscriptions that the query tier takes from the log at a time.");
  settings.add("query-subscriptions-poll-wait", options.follow.poll_wait, {1, 60'000},
               "How long it waits for them at a time.");
  settings.add("query-subscriptions-retry", options.follow.retry_pause, {1, 600'000},
               "Its pause after they could not be read.");
}

}  // namespace

void declare(query::QueryOptions& options, base::Settings& settings) {
  declare(options.server, {"query", ""}, settings);
  declare_subscriptions(options.subscriptions, settings);
  declare_answers(options, settings);
  declare_rare_subscriptions(options.subscriptions, settings);
}

base::Status check(const query::QueryOptions& options) {
  if (auto checked = check(options.server); !checked) return checked;
  const query::SubscriptionOptions& subscriptions = options.subscriptions;
  Order order;
  const Named max_lease = in_time("max-lease", subscriptions.max_lease);
  order.at_most(in_time("lease", subscriptions.default_lease), max_lease);
  order.at_most(in_time("poll-lease", subscriptions.poll_lease), max_lease);
  order.at_most(in_time("certainty-wait", options.certainty_wait),
                in_time("call-deadline", options.server.call_deadline));
  order.at_most(in_number("default-page-size", options.default_page_size),
                in_number("max-page-size", options.max_page_size));
  order.at_most(in_time("wake-interval", subscriptions.wake_interval),
                in_time("relay-ask-pause-max", subscriptions.relay_ask_pause_max));
  return order.status();
}

}  // namespace armada_cache::app
