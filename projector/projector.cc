#include "projector/projector.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "core/base/log.h"
#include "projector/lookup_service.h"
#include "projector/partition_mover.h"

namespace armada_cache::projector {
namespace {

base::Status wrong(const std::string& what) {
  return base::fail(base::ErrorCode::kInvalidArgument, "projector: " + what);
}

base::Status check(const std::vector<eventlog::Partition>& partitions, eventlog::Partition count) {
  const std::set<eventlog::Partition> distinct(partitions.begin(), partitions.end());
  if (distinct.size() != partitions.size()) return wrong("a partition is given twice");
  if (distinct.empty() || (*distinct.begin() >= 0 && *distinct.rbegin() < count)) return {};
  return wrong("a partition is not below the partition count of " + std::to_string(count));
}

base::Status check(const Options& options) {
  if (options.partition_count < 1) return wrong("partition_count must be at least 1");
  if (options.worker_threads == 0) return wrong("worker_threads must be at least 1");
  if (options.reader_threads == 0) return wrong("reader_threads must be at least 1");
  if (options.batch_max_records == 0) return wrong("batch_max_records must be at least 1");
  return check(options.partitions, options.partition_count);
}

base::Status check_ready(const Partition& partition, eventlog::Offset lag_max) {
  const eventlog::Offset lag = partition.lag();
  if (partition.loaded() && lag >= 0 && lag <= lag_max) return {};
  std::string text = "partition " + std::to_string(partition.number());
  if (!partition.loaded()) {
    text += " is still being loaded";
  } else if (lag < 0) {
    text += " has not learnt yet where the log ends";
  } else {
    text += " is " + std::to_string(lag) + " records behind the log, more than " +
            std::to_string(lag_max);
  }
  const std::string trouble = partition.trouble();
  if (!trouble.empty()) text += " (" + trouble + ")";
  return base::fail(base::ErrorCode::kUnavailable, std::move(text));
}

ForeignRelayOptions foreign_options(const Options& options) {
  return {options.batch_max_records, options.poll_wait,
          std::chrono::ceil<std::chrono::milliseconds>(options.retry_first), options.ends_interval};
}

}  // namespace

class Projector::Impl {
 public:
  Impl(Options given, eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics)
      : options_(std::move(given)),
        incarnation_(base::to_unix_micros(clock.now())),
        relays_progress_(options_.partition_count),
        maps_(options_.partition_count),
        ends_(log),
        judge_(relays_, relays_progress_, ends_, clock, options_.ends_wait),
        metrics_(metrics),
        waiters_(options_.certainty_waiters_max),
        foreign_(foreign_options(options_), log, ends_, clock, relays_, relays_progress_),
        workers_(options_, log, ends_, clock, metrics_, waiters_),
        mover_(options_,
               {log, clock, relays_, relays_progress_, maps_, foreign_, workers_, metrics_}),
        pool_(
            {options_.reader_threads, options_.reader_queue_max, base::TaskPool::AtStop::kFinish}),
        lookups_(options_, maps_, judge_, relays_, waiters_, pool_, clock) {
    relays_.expect_pulses({options_.partition_count, options_.ingest_silence, clock.now()});
    relays_.set_visible([this] { return judge_.visible(*maps_.now()); });
  }

  ~Impl() { stop(std::chrono::steady_clock::time_point::max()); }

  const Options& options() const { return options_; }
  PartitionMover& mover() { return mover_; }
  lookup::JobReader& reader() { return lookups_; }
  HeldMap partitions() const { return maps_.now(); }

  base::Time shown_up_to() const { return judge_.visible(*maps_.now()); }

  lookup::Extents extents() const {
    lookup::Extents made{incarnation_, {}};
    const HeldMap held = maps_.now();
    for (const Partition* partition : held->all()) {
      const bool lags = partition->stands_still() || partition->lag() > options_.ready_lag_max;
      made.partitions.push_back(
          {partition->number(), partition->applied().events, partition->events_limit(), lags});
    }
    return made;
  }

  void start() {
    foreign_.start(waiters_);
    mover_.follow_others();
    workers_.start();
    reporter_ = std::thread([this] { report(); });
  }

  void stop(std::chrono::steady_clock::time_point until) {
    if (stopped_.exchange(true)) return;
    lookups_.close();
    workers_.stop();
    foreign_.stop();
    ends_.stop();
    waiters_.release();
    pool_.stop();
    {
      const std::lock_guard lock(report_mutex_);
      report_ended_ = true;
    }
    report_wake_.notify_all();
    if (reporter_.joinable()) reporter_.join();
    if (std::chrono::steady_clock::now() < until) flush();
  }

 private:
  void report() {
    std::unique_lock lock(report_mutex_);
    while (!report_ended_) {
      relays_.note_silence(std::chrono::steady_clock::now());
      metrics_.state(maps_.now()->all(), relays_);
      report_wake_.wait_for(lock, std::chrono::seconds(1), [this] { return report_ended_; });
    }
  }

  void flush() {
    if (const auto flushed = mover_.flush(); !flushed) {
      base::log_warn("not everything could be written out; the next start takes longer",
                     {{"error", flushed.error().message}});
    }
  }

  const Options options_;
  const std::int64_t incarnation_;
  RelayBoard relays_;
  RelayProgress relays_progress_;
  PartitionMaps maps_;
  LogEnds ends_;
  FreshnessJudge judge_;
  ProjectorMetrics metrics_;
  GoalWaiters waiters_;
  ForeignRelays foreign_;
  WorkerTeam workers_;
  PartitionMover mover_;
  base::TaskPool pool_;
  LookupService lookups_;
  std::atomic<bool> stopped_ = false;
  std::mutex report_mutex_;
  std::condition_variable report_wake_;
  bool report_ended_ = false;
  std::thread reporter_;
};

base::Result<std::unique_ptr<Projector>> Projector::open(Options options, eventlog::EventLog& log,
                                                         const base::Clock& clock,
                                                         base::Metrics& metrics) {
  if (auto checked = check(options); !checked) return tl::unexpected(checked.error());
  auto impl = std::make_unique<Impl>(std::move(options), log, clock, metrics);
  if (auto taken = impl->mover().take(impl->options().partitions, [] { return false; }); !taken) {
    return tl::unexpected(taken.error());
  }
  return std::unique_ptr<Projector>(new Projector(std::move(impl)));
}

Projector::Projector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Projector::~Projector() = default;

base::Status Projector::start() {
  impl_->start();
  return {};
}
base::Status Projector::take(const std::vector<eventlog::Partition>& partitions,
                             const std::function<bool()>& give_up) {
  auto checked = check(partitions, impl_->options().partition_count);
  return checked ? impl_->mover().take(partitions, give_up) : checked;
}
void Projector::release(const std::vector<eventlog::Partition>& partitions) {
  impl_->mover().release(partitions);
}
std::vector<eventlog::Partition> Projector::partitions() const {
  return impl_->partitions()->numbers();
}
base::Status Projector::advances() const {
  const HeldMap held = impl_->partitions();
  for (const Partition* partition : held->all()) {
    const std::string damage = partition->store().damage();
    const std::string trouble = damage.empty() ? partition->trouble() : damage;
    if (trouble.empty()) continue;
    return base::fail(base::ErrorCode::kUnavailable,
                      "partition " + std::to_string(partition->number()) + " of the projection " +
                          (damage.empty() ? "stands still: " : "is damaged: ") + trouble);
  }
  return {};
}
base::Time Projector::shown_up_to() const {
  return impl_->shown_up_to();
}
lookup::Extents Projector::extents() const {
  return impl_->extents();
}
base::Status Projector::ready() const {
  const HeldMap held = impl_->partitions();
  for (const Partition* partition : held->all()) {
    auto ready = check_ready(*partition, impl_->options().ready_lag_max);
    if (!ready) return ready;
  }
  return {};
}
void Projector::stop(std::chrono::steady_clock::time_point until) {
  impl_->stop(until);
}
lookup::JobReader& Projector::reader() {
  return impl_->reader();
}
base::Status Projector::dump(std::ostream& out) {
  return impl_->mover().dump(out);
}

}  // namespace armada_cache::projector
