#include "query/subscriptions/subscription_state.h"

#include <algorithm>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/partitioner.h"

namespace armada_cache::query {

using base::ErrorCode;
using base::JobSet;

SubscriptionService::State::State(const SubscriptionOptions& options, eventlog::EventLog& log,
                                  lookup::JobReader& reader, const base::Clock& clock,
                                  base::Metrics& metrics, Later later)
    : options_(options),
      log_(log),
      reader_(reader),
      clock_(clock),
      metrics_(metrics),
      gauge_(metrics.gauge("subscriptions", "Subscriptions known, live or ended").Add({})),
      unreadable_(metrics
                      .counter("query_unreadable_records_total",
                               "Subscription records of the log that query left aside")
                      .Add({})),
      later_(std::move(later)),
      progress_(options.partitions),
      wakes_(options.wake_interval, options.max_wakes) {}

// The relays of what is wanted, and the polls for their jobs.
void SubscriptionService::State::watch() {
  const std::weak_ptr<State> weak = weak_from_this();
  checks_ = std::make_shared<RelayChecks>(
      RelayChecks::Options{options_.relay_check_interval, options_.relay_checks_at_once,
                           options_.relay_ask_after, options_.wake_interval,
                           options_.relay_ask_pause_max},
      reader_, clock_, later_,
      [weak](const JobSet& job_set) {
        const auto self = weak.lock();
        return self && self->wanted(job_set);
      },
      [weak](const JobSet& job_set) {
        const auto self = weak.lock();
        return self && self->wake(job_set);
      },
      metrics_);
  const auto quarter =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.poll_lease) / 4;
  keeper_ = std::make_shared<PollKeeper>(
      PollKeeper::Options{std::min(options_.poll_check_interval, quarter),
                          options_.poll_check_page},
      reader_, clock_.now(), later_, [weak](const JobSet& job_set) {
        if (const auto self = weak.lock()) self->keep(job_set);
      });
}

base::Status SubscriptionService::State::start() {
  watch();
  eventlog::Positions starts;
  for (eventlog::Partition i = 0; i < options_.partitions; ++i) {
    const eventlog::TopicPartition of{std::string(topics::kSubscriptions), i};
    auto end = log_.end_offset(of);
    if (!end) return tl::unexpected(end.error());
    ends_at_start_[of] = *end;
    starts[of] = 0;
  }
  appender_ = log_.appender();
  started_ = clock_.now();
  stopped_ = false;
  follower_ = std::make_unique<eventlog::TopicFollower>(
      options_.follow, log_, [this](auto records, const auto& read) { take(records, read); });
  follower_->follow(std::move(starts));
  keeper_->start();
  return {};
}

void SubscriptionService::State::stop() {
  if (follower_ == nullptr) return;
  follower_->stop();
  checks_->stop();
  keeper_->stop();
  std::vector<Done> left;
  std::shared_ptr<eventlog::Appender> appender;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left = progress_.give_up();
    appender = std::move(appender_);
  }
  for (const Done& done : left) {
    done(base::fail(ErrorCode::kUnavailable, "the server stops; ask another or again"));
  }
}

std::optional<subscription::Lease> SubscriptionService::State::find(const Name& name) const {
  const std::lock_guard lock(mutex_);
  return book_.find(name);
}

std::vector<subscription::Lease> SubscriptionService::State::list(const std::optional<JobSet>& only,
                                                                  const Name& after,
                                                                  std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  if (!only) return book_.live_after(after, clock_.now(), limit);
  const Name from = after.job_set == *only ? after : Name{*only, ""};
  auto leases = book_.live_after(from, clock_.now(), limit);
  std::erase_if(leases, [&](const auto& lease) { return lease.name.job_set != *only; });
  return leases;
}

std::string SubscriptionService::State::any() const {
  if (!caught_up()) return "the subscriptions are still being read";
  return checks_->any();
}

std::string SubscriptionService::State::of(const JobSet& job_set) const {
  if (!caught_up()) return "the subscriptions are still being read";
  return checks_->contains(job_set) ? "the job set is not caught up yet" : "";
}

bool SubscriptionService::State::wanted(const JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  return book_.is_live(job_set, clock_.now());
}

base::Status SubscriptionService::State::room_for(const Name& name) const {
  const std::lock_guard lock(mutex_);
  if (stopped_)
    return base::fail(ErrorCode::kUnavailable, "the server stops; ask another or again");
  if (book_.find(name) || entries_ + renewing_.size() < options_.max_subscriptions) return {};
  return base::fail(ErrorCode::kResourceExhausted,
                    "there are " + std::to_string(entries_) +
                        " subscriptions already, as many as the server allows");
}

void SubscriptionService::State::append_lease(const Name& name, base::Time expires,
                                              std::string_view origin, Done done) {
  if (auto room = room_for(name); !room) return done(room);
  const auto known = find(name);
  internal::v1::SubscriptionRecord record;
  record.set_lease_expires_us(base::to_unix_micros(expires));
  record.set_origin(std::string(origin));
  record.set_created_us(base::to_unix_micros(known ? known->created_at : clock_.now()));
  append(name.job_set, topics::subscription_record(name, record), std::move(done));
}

void SubscriptionService::State::append_end(const Name& name, Done done) {
  append(name.job_set, topics::subscription_tombstone(name), std::move(done));
}

void SubscriptionService::State::renew(const Name& name, base::Time expires,
                                       std::string_view origin, Done done) {
  {
    const std::lock_guard lock(mutex_);
    const auto [waiting, first] = renewing_.try_emplace(name);
    if (done) waiting->second.push_back(std::move(done));
    if (!first) return;
  }
  append_lease(name, expires, origin,
               [self = shared_from_this(), name](const base::Status& status) {
                 self->renewed(name, status);
               });
}

bool SubscriptionService::State::wake(const JobSet& job_set) {
  {
    const std::lock_guard lock(mutex_);
    const base::Time now = clock_.now();
    if (!book_.is_live(job_set, now) || !wakes_.admit(job_set, now)) return false;
  }
  // A lease written again could undo what another server does to it at the same moment; the end of
  // a subscription that nobody can have reaches the relay's owner just as well.
  append(job_set, topics::subscription_tombstone({job_set, ""}), [](const base::Status&) {});
  return true;
}

void SubscriptionService::State::keep(const JobSet& job_set) {
  const base::Time now = clock_.now();
  base::Time until{};
  {
    const std::lock_guard lock(mutex_);
    for (const auto& lease : book_.leases_of(job_set)) until = std::max(until, lease.expires_at);
  }
  if (until <= now || until - now >= options_.poll_lease / 2) return;
  renew({job_set, std::string(kPollSubscriber)}, now + options_.poll_lease, kPollOrigin, nullptr);
}

void SubscriptionService::State::renewed(const Name& name, const base::Status& status) {
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (auto node = renewing_.extract(name)) waiting = std::move(node.mapped());
  }
  for (const Done& done : waiting) done(status);
}

void SubscriptionService::State::append(const JobSet& job_set, eventlog::Record record, Done done) {
  std::shared_ptr<eventlog::Appender> appender;
  {
    const std::lock_guard lock(mutex_);
    appender = appender_;
  }
  if (appender == nullptr) {
    return done(base::fail(ErrorCode::kUnavailable, "the server stops; ask another or again"));
  }
  const eventlog::Partition partition = topics::partition_of_job_set(job_set, options_.partitions);
  std::vector<eventlog::Record> batch;
  batch.push_back(std::move(record));
  appender->append({std::string(topics::kSubscriptions), partition}, std::move(batch),
                   [self = shared_from_this(), partition,
                    done = std::move(done)](base::Result<eventlog::Offset> offset) {
                     self->acknowledged(partition, std::move(offset), done);
                   });
}

void SubscriptionService::State::acknowledged(eventlog::Partition partition,
                                              base::Result<eventlog::Offset> offset, Done done) {
  if (!offset) {
    return done(base::fail(
        ErrorCode::kUnavailable,
        "the subscription could not be written to the log, try again: " + offset.error().message));
  }
  bool gone = false;
  {
    const std::lock_guard lock(mutex_);
    gone = stopped_;
    if (!gone && !progress_.reached(partition, *offset)) {
      return progress_.wait_for(partition, *offset, std::move(done));
    }
  }
  done(gone ? base::fail(ErrorCode::kUnavailable, "the server stops; ask another or again")
            : base::Status());
}

void SubscriptionService::State::take(std::span<const eventlog::RecordView> records,
                                      const eventlog::Positions& read) {
  std::vector<Done> due;
  std::vector<Wanted> newly_wanted;
  bool complete = true;
  {
    const std::lock_guard lock(mutex_);
    for (const eventlog::RecordView& record : records) apply(record, newly_wanted);
    gauge_.Set(static_cast<double>(entries_));
    due = progress_.advance(read);
    for (const auto& [of, end] : ends_at_start_) complete &= read.at(of) >= end;
  }
  for (const auto& [job_set, since] : newly_wanted) checks_->add(job_set, since);
  if (complete) caught_up_.store(true, std::memory_order_release);
  for (const Done& done : due) done({});
}

void SubscriptionService::State::apply(const eventlog::RecordView& record,
                                       std::vector<Wanted>& newly_wanted) {
  const auto name = topics::decode_subscription_key(record.key);
  std::optional<internal::v1::SubscriptionRecord> value;
  base::Status decoded;
  if (name && record.value) decoded = topics::decode(*record.value, value.emplace());
  if (!name || !decoded) {
    unreadable_.Increment();
    left_aside_.left_aside(record, name ? decoded.error() : name.error());
    return;
  }
  const bool known = book_.find(*name).has_value();
  const base::Time now = clock_.now();
  // Shortly before the end, whoever relays the job set may see the lease as ended already: then the
  // relay has been stopped, and the renewal starts it again.
  const bool was_wanted = book_.is_live(name->job_set, now + options_.clock_margin);
  const auto removed = topics::removed_lease_end(record);
  if (removed) {
    book_.remove_ended(*name, *removed);
  } else {
    book_.apply(*name, value);
  }
  if (!known && book_.find(*name)) ++entries_;
  if (known && !book_.find(*name)) --entries_;
  if (was_wanted || !book_.is_live(name->job_set, now)) return;
  newly_wanted.push_back({name->job_set, caught_up() ? record.appended_at : started_});
}

}  // namespace armada_cache::query
