#include "query/subscriptions/subscription_service.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "query/subscriptions/subscription_state.h"

namespace armada_cache::query {

using base::ErrorCode;
using base::JobSet;

namespace {

constexpr std::string_view kSubscribeOrigin = "subscribe";

base::Status check_part(std::string_view what, const std::string& value, std::size_t max_bytes) {
  if (value.empty()) {
    return base::fail(ErrorCode::kInvalidArgument, std::string(what) + " must not be empty");
  }
  if (value.size() <= max_bytes) return {};
  return base::fail(ErrorCode::kInvalidArgument,
                    std::string(what) + " has " + std::to_string(value.size()) +
                        " bytes; at most " + std::to_string(max_bytes) + " are allowed");
}

tl::unexpected<base::Error> still_reading() {
  return base::fail(ErrorCode::kUnavailable,
                    "the subscriptions are still being read; ask again in a moment");
}

base::Status check_name(const topics::SubscriptionName& name, std::size_t max_bytes) {
  if (auto queue = check_part("queue", name.job_set.queue, max_bytes); !queue) return queue;
  if (auto set = check_part("job_set", name.job_set.name, max_bytes); !set) return set;
  return check_part("subscriber", name.subscriber, max_bytes);
}

}  // namespace

SubscriptionService::SubscriptionService(const SubscriptionOptions& options,
                                         eventlog::EventLog& log, lookup::JobReader& reader,
                                         const base::Clock& clock, base::Metrics& metrics,
                                         Later later)
    : state_(std::make_shared<State>(options, log, reader, clock, metrics, std::move(later))) {}

SubscriptionService::~SubscriptionService() {
  stop();
}

base::Status SubscriptionService::start() {
  return state_->start();
}

void SubscriptionService::stop() {
  state_->stop();
}

bool SubscriptionService::caught_up() const {
  return state_->caught_up();
}

void SubscriptionService::subscribe(const Name& name, std::chrono::seconds lease, Subscribed done) {
  const SubscriptionOptions& options = state_->options();
  if (auto checked = check_name(name, options.max_name_bytes); !checked) {
    return done(tl::unexpected(checked.error()));
  }
  if (name.subscriber == State::kPollSubscriber) {
    return done(base::fail(ErrorCode::kInvalidArgument,
                           "the subscriber 'jobservice' is taken by the polls of "
                           "jobservice.JobService; choose another name"));
  }
  if (lease.count() <= 0) lease = options.default_lease;
  const base::Time expires = state_->now() + std::min(lease, options.max_lease);
  state_->append_lease(name, expires, kSubscribeOrigin,
                       [expires, done = std::move(done)](const base::Status& status) {
                         done(status.map([expires] { return expires; }));
                       });
}

void SubscriptionService::unsubscribe(const Name& name, Unsubscribed done) {
  if (auto checked = check_name(name, state_->options().max_name_bytes); !checked) {
    return done(tl::unexpected(checked.error()));
  }
  if (name.subscriber == State::kPollSubscriber) {
    return done(base::fail(ErrorCode::kInvalidArgument,
                           "the subscription of jobservice polls is shared by all who poll; it "
                           "ends by itself when they stop"));
  }
  if (!caught_up()) return done(still_reading());
  // Written whether it is known here or not: it may be in the log already and not read yet.
  const bool existed = state_->find(name).has_value();
  state_->append_end(name, [existed, done = std::move(done)](const base::Status& status) {
    done(status.map([existed] { return existed; }));
  });
}

void SubscriptionService::touch(const JobSet& job_set, Touched done) {
  const Name name{job_set, std::string(State::kPollSubscriber)};
  const SubscriptionOptions& options = state_->options();
  if (auto checked = check_name(name, options.max_name_bytes); !checked) return done(checked);
  const auto lease = state_->find(name);
  const base::Time now = state_->now();
  const bool live = lease && now < lease->expires_at;
  if (live && lease->expires_at - now > options.poll_lease / 2) return done({});
  if (live) {
    state_->renew(name, now + options.poll_lease, State::kPollOrigin, nullptr);
    return done({});
  }
  state_->renew(name, now + options.poll_lease, State::kPollOrigin, std::move(done));
}

void SubscriptionService::wake(std::span<const JobSet> resting) {
  for (const JobSet& job_set : resting) state_->wake(job_set);
}

base::Result<std::vector<subscription::Lease>> SubscriptionService::list(
    const std::optional<JobSet>& only, const Name& after, std::size_t limit) const {
  if (!caught_up()) return still_reading();
  return state_->list(only, after, limit);
}

std::string SubscriptionService::any() const {
  return state_->any();
}

std::string SubscriptionService::of(const JobSet& job_set) const {
  return state_->of(job_set);
}

}  // namespace armada_cache::query
