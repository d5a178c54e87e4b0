#include "ingest/ingest.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>
#include <vector>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/log.h"
#include "core/eventlog/replay.h"
#include "core/eventlog/topic_follower.h"
#include "core/eventlog/unreadable_records.h"
#include "core/topics/codecs.h"
#include "core/topics/pulse.h"
#include "ingest/buffer_budget.h"
#include "ingest/grpc_armada.h"
#include "ingest/relay_metrics.h"
#include "ingest/relay_thread.h"

namespace armada_cache::ingest {
namespace {

struct Subscription {
  topics::SubscriptionName name;
  std::optional<internal::v1::SubscriptionRecord> record;
  std::optional<base::Time> removed;  // the end of the lease that a tombstone removes
};

base::Result<Subscription> read_subscription(const eventlog::RecordView& view) {
  auto name = topics::decode_subscription_key(view.key);
  if (!name) return tl::unexpected(name.error());
  Subscription subscription{std::move(*name), std::nullopt, topics::removed_lease_end(view)};
  if (!view.value) return subscription;
  subscription.record.emplace();
  if (auto decoded = topics::decode(*view.value, *subscription.record); !decoded) {
    return tl::unexpected(decoded.error());
  }
  return subscription;
}

struct NamedRelay {
  base::JobSet job_set;
  std::optional<StoredRelay> stored;         // none: a tombstone,
  std::optional<std::int64_t> forgotten_by;  // of this generation's owner; none: it does not say
};

base::Result<NamedRelay> read_relay(const eventlog::RecordView& view) {
  auto job_set = topics::decode_relay_key(view.key);
  if (!job_set) return tl::unexpected(job_set.error());
  if (!view.value) {
    return NamedRelay{std::move(*job_set), std::nullopt, topics::tombstone_generation(view)};
  }
  auto stored = decode_relay(*view.value);
  if (!stored) return tl::unexpected(stored.error());
  return NamedRelay{std::move(*job_set), std::move(*stored), std::nullopt};
}

base::Status check(const Options& options) {
  if (options.relay.partitions <= 0) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "ingest is to write to " + std::to_string(options.relay.partitions) +
                          " partitions; there must be 1 or more, as many as the topics have");
  }
  return rpc::check(options.armada, options.credentials);
}

Options completed(Options options) {
  // A stream that was dropped keeps its seat until gRPC is done with it: twice the room.
  const std::size_t streams = 2 * options.hub.max_job_sets;
  options.channels.channels =
      std::max(options.channels.channels, streams / options.channels.streams_per_channel + 1);
  return options;
}

}  // namespace

class Ingest::Impl {
 public:
  Impl(Options options, eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics,
       std::uint64_t seed)
      : options_(completed(std::move(options))),
        log_(log),
        clock_(clock),
        metrics_(metrics),
        budget_(options_.buffer_bytes_total),
        armada_(options_.armada, options_.channels, options_.credentials, options_.probes, post()),
        appender_(log.appender()),
        services_{options_.relay, armada_, *appender_, clock, budget_, metrics_, {}, post(), {}},
        hub_(options_.hub, services_, seed),
        follower_(options_.follow, log,
                  [this](auto records, const auto&) { on_subscriptions(records); }) {}

  ~Impl() {
    stop();
    follower_.stop();
  }

  base::Status start() {
    if (auto ok = check(options_); !ok) return ok;
    thread_.start(
        clock_, [this] { return next_wake(); }, [this] { on_time(); });
    running_ = true;
    return {};
  }

  base::Status assign(const std::set<eventlog::Partition>& partitions, std::int64_t generation,
                      const std::function<bool()>& give_up) {
    const std::lock_guard lock(assigning_);
    if (!running_) return base::fail(base::ErrorCode::kFailedPrecondition, "ingest is not running");
    const eventlog::ReplayOptions reading{options_.follow, options_.replay_patience,
                                          [&] { return told_to_stop_ || (give_up && give_up()); }};
    std::vector<NamedRelay> relays;
    const auto relays_read =
        eventlog::replay(reading, log_, topics::kRelays, partitions, [&](const auto& view) {
          auto relay = take(read_relay(view), view);
          if (relay && !topics::is_pulse(relay->job_set)) relays.push_back(std::move(*relay));
        });
    if (!relays_read) return tl::unexpected(relays_read.error());
    std::vector<Subscription> subscriptions;
    auto read_to =
        eventlog::replay(reading, log_, topics::kSubscriptions, partitions, [&](const auto& view) {
          if (auto one = take(read_subscription(view), view))
            subscriptions.push_back(std::move(*one));
        });
    if (!read_to) return tl::unexpected(read_to.error());
    thread_.run([&] {
      hub_.take(partitions, generation);
      take_over(std::move(relays), subscriptions);
    });
    follower_.add(std::move(*read_to));
    return {};
  }

  void revoke(const std::set<eventlog::Partition>& partitions, bool lost) {
    const std::lock_guard lock(assigning_);
    if (!running_) return;
    follower_.remove(partitions);
    thread_.run([&] { hub_.revoke(partitions, lost); });
  }

  void stop() { stop(std::chrono::steady_clock::now() + options_.drain_timeout); }

  void stop(std::chrono::steady_clock::time_point until) {
    told_to_stop_ = true;
    const std::lock_guard lock(assigning_);
    if (!std::exchange(running_, false)) return;
    follower_.follow({});
    thread_.run([this] {
      hub_.release_all();
      stopping_ = true;
      note_drained();
    });
    if (drained_.get_future().wait_until(until) != std::future_status::ready) {
      base::log_warn("ingest stops with events unacknowledged; they will be read again");
    }
    thread_.run([this] { hub_.drop_all(); });
    // Settles what is still being appended while its acknowledgements have somewhere to go.
    appender_.reset();
    thread_.stop();
  }

  base::Status nothing_refused() const { return services_.refused.none(); }

  std::optional<RelayStatus> status_of(const base::JobSet& job_set) {
    const std::lock_guard lock(assigning_);
    std::optional<RelayStatus> status;
    if (running_) thread_.run([&] { status = hub_.status_of(job_set); });
    return status;
  }

 private:
  std::optional<base::Time> next_wake() const {
    return std::min(hub_.next_wake().value_or(base::Time::max()), armada_.next_wake());
  }

  void on_time() {
    hub_.on_time();
    armada_.on_time(clock_.now());
  }

  GrpcArmada::Post post() {
    return [this](std::function<void()> task) {
      thread_.post([this, task = std::move(task)] {
        task();
        note_drained();
      });
    };
  }

  template <typename T>
  std::optional<T> take(base::Result<T> result, const eventlog::RecordView& view) {
    if (result) return std::move(*result);
    metrics_.unreadable_record(std::string(view.topic));
    unreadable_.left_aside(view, result.error());
    return std::nullopt;
  }

  void take_over(std::vector<NamedRelay> relays, const std::vector<Subscription>& subscriptions) {
    for (NamedRelay& relay : relays) {
      if (relay.stored) hub_.restore(relay.job_set, std::move(*relay.stored));
      if (!relay.stored) hub_.forget(relay.job_set, relay.forgotten_by);
    }
    tell(subscriptions);
    hub_.go();
  }

  void on_subscriptions(std::span<const eventlog::RecordView> records) {
    if (records.empty()) return;
    std::vector<Subscription> subscriptions;
    for (const auto& view : records) {
      if (auto one = take(read_subscription(view), view)) subscriptions.push_back(std::move(*one));
    }
    thread_.run([&] { tell(subscriptions); });
  }

  void tell(const std::vector<Subscription>& subscriptions) {
    for (const auto& [name, record, removed] : subscriptions) {
      if (removed) hub_.on_removal(name, *removed);
      if (!removed) hub_.on_subscription(name, record);
    }
  }

  void note_drained() {
    if (!stopping_ || !hub_.is_idle()) return;
    stopping_ = false;
    drained_.set_value();
  }

  const Options options_;
  eventlog::EventLog& log_;
  const base::Clock& clock_;
  RelayMetrics metrics_;
  eventlog::UnreadableRecords unreadable_;
  BufferBudget budget_;
  RelayThread thread_;
  GrpcArmada armada_;
  std::unique_ptr<eventlog::Appender> appender_;
  RelayServices services_;
  RelayHub hub_;
  eventlog::TopicFollower follower_;
  std::atomic<bool> told_to_stop_{false};
  std::mutex assigning_;
  bool running_ = false;
  bool stopping_ = false;  // on the relays' thread
  std::promise<void> drained_;
};

Ingest::Ingest(Options options, eventlog::EventLog& log, const base::Clock& clock,
               base::Metrics& metrics, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(std::move(options), log, clock, metrics, seed)) {}

Ingest::~Ingest() = default;

base::Status Ingest::start() {
  return impl_->start();
}

base::Status Ingest::assign(const std::set<eventlog::Partition>& partitions,
                            std::int64_t generation, const std::function<bool()>& give_up) {
  return impl_->assign(partitions, generation, give_up);
}

void Ingest::revoke(const std::set<eventlog::Partition>& partitions, bool lost) {
  impl_->revoke(partitions, lost);
}

void Ingest::stop(std::chrono::steady_clock::time_point until) {
  impl_->stop(until);
}

void Ingest::stop() {
  impl_->stop();
}

base::Status Ingest::nothing_refused() const {
  return impl_->nothing_refused();
}

std::optional<RelayStatus> Ingest::status_of(const base::JobSet& job_set) const {
  return impl_->status_of(job_set);
}

}  // namespace armada_cache::ingest
