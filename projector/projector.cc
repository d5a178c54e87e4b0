#include "projector/projector.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/database.h"
#include "projector/dump.h"
#include "projector/lookup_service.h"
#include "projector/worker.h"

namespace armada_cache::projector {
namespace {

base::Status check(const Options& options) {
  const auto wrong = [](const std::string& what) {
    return base::fail(base::ErrorCode::kInvalidArgument, "projector: " + what);
  };
  const std::set<eventlog::Partition> distinct(options.partitions.begin(),
                                               options.partitions.end());
  if (distinct.empty()) return wrong("no partition is given");
  if (distinct.size() != options.partitions.size()) return wrong("a partition is given twice");
  if (*distinct.begin() < 0 || *distinct.rbegin() >= options.partition_count) {
    return wrong("a partition is not below the partition count of " +
                 std::to_string(options.partition_count));
  }
  if (options.worker_threads == 0) return wrong("worker_threads must be at least 1");
  if (options.reader_threads == 0) return wrong("reader_threads must be at least 1");
  if (options.batch_max_records == 0) return wrong("batch_max_records must be at least 1");
  return {};
}

SharedMemory shared_memory(const Options& options) {
  SharedMemory memory;
  memory.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  memory.write_buffers = std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  const std::size_t databases = options.partitions.size();
  constexpr std::size_t kLeast = std::size_t{1} << 20;
  memory.write_buffer_bytes = std::max(options.write_buffer_bytes / databases, kLeast);
  memory.wal_max_bytes = std::max(options.wal_max_bytes / databases, kLeast);
  return memory;
}

// Runs `each` for every index below `count`, on several threads; the first error.
base::Status in_parallel(std::size_t threads, std::size_t count,
                         const std::function<base::Status(std::size_t)>& each) {
  std::atomic<std::size_t> next = 0;
  std::vector<base::Status> results(count);
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < std::min(threads, count); ++i) {
    running.emplace_back([&] {
      for (std::size_t at = next++; at < count; at = next++) results[at] = each(at);
    });
  }
  for (std::thread& thread : running) thread.join();
  for (base::Status& result : results) {
    if (!result) return std::move(result);
  }
  return {};
}

ForeignRelayOptions foreign_options(const Options& options) {
  ForeignRelayOptions made;
  for (eventlog::Partition partition = 0; partition < options.partition_count; ++partition) {
    const bool here = std::find(options.partitions.begin(), options.partitions.end(), partition) !=
                      options.partitions.end();
    if (!here) made.partitions.push_back(partition);
  }
  made.batch_max_records = options.batch_max_records;
  made.poll_wait = options.poll_wait;
  made.retry_pause = std::chrono::ceil<std::chrono::milliseconds>(options.retry_first);
  return made;
}

}  // namespace

class Projector::Impl {
 public:
  Impl(Options given, eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics)
      : options(std::move(given)),
        log_(log),
        clock_(clock),
        incarnation_(base::to_unix_micros(clock.now())),
        memory_(shared_memory(options)),
        foreign_(foreign_options(options), log, clock, relays_),
        metrics_(metrics, options.partitions),
        waiters_(options.certainty_waiters_max),
        pool_({options.reader_threads, options.reader_queue_max, base::TaskPool::AtStop::kFinish}) {
  }

  ~Impl() { stop(std::chrono::steady_clock::time_point::max()); }

  base::Status open() {
    partitions_.resize(options.partitions.size());
    auto opened = in_parallel(options.worker_threads, partitions_.size(),
                              [this](std::size_t i) { return open_partition(i); });
    if (!opened) return opened;
    // Compaction may wait, lookups may not.
    rocksdb::Env::Default()->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
    map_ = std::make_unique<PartitionMap>(partitions_, options.partition_count);
    judge_ = std::make_unique<FreshnessJudge>(*map_, relays_, foreign_, log_);
    relays_.set_visible([this] { return judge_->visible(); });
    lookups_ =
        std::make_unique<LookupService>(options, *map_, *judge_, relays_, waiters_, pool_, clock_);
    return {};
  }

  void start() {
    const std::size_t count = std::min(options.worker_threads, partitions_.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Partition*> share;
      for (std::size_t at = i; at < partitions_.size(); at += count) {
        share.push_back(partitions_[at].get());
      }
      workers_.push_back(
          std::make_unique<Worker>(std::move(share), options, log_, clock_, metrics_, waiters_));
    }
    for (const auto& worker : workers_) worker->start();
    foreign_.start(waiters_);
    reporter_ = std::thread([this] { report(); });
  }

  void stop(std::chrono::steady_clock::time_point until) {
    if (stopped_.exchange(true)) return;
    if (lookups_ != nullptr) lookups_->close();
    for (const auto& worker : workers_) worker->stop();
    foreign_.stop();
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

  base::Status advances() const {
    for (const auto& partition : partitions_) {
      const std::string trouble = partition->trouble();
      if (trouble.empty()) continue;
      return base::fail(base::ErrorCode::kUnavailable,
                        "partition " + std::to_string(partition->number()) +
                            " of the projection stands still: " + trouble);
    }
    return {};
  }

  lookup::JobReader& reader() { return *lookups_; }

  lookup::Extents extents() const {
    lookup::Extents made{incarnation_, {}};
    for (const Partition* partition : map_->all()) {
      made.partitions.push_back(
          {partition->number(), partition->applied().events, partition->events_limit()});
    }
    std::ranges::sort(made.partitions, {}, &lookup::Extent::partition);
    return made;
  }

  base::Status dump_all(std::ostream& out) {
    for (const auto& partition : partitions_) {
      if (auto dumped = projector::dump(*partition, out); !dumped) return dumped;
    }
    return {};
  }

  const Options options;

 private:
  base::Status open_partition(std::size_t index) {
    auto partition =
        Partition::open(options.partitions[index], options, memory_, relays_, clock_.now());
    if (!partition) return tl::unexpected(partition.error());
    partitions_[index] = *std::move(partition);
    return rewind_to_log(*partitions_[index]);
  }

  // A power failure can take more of the log's tail than of the projection's, or somebody put
  // another log in its place. What comes there is applied from its end on; repeats have no effect.
  // Relays that this log does not hold may never be told of again: those wanted are told anew.
  base::Status rewind_to_log(Partition& partition) {
    const std::string events(topics::kEvents);
    const std::string relays(topics::kRelays);
    const auto events_end = log_.end_offset({events, partition.number()});
    if (!events_end) return tl::unexpected(events_end.error());
    const auto relays_end = log_.end_offset({relays, partition.number()});
    if (!relays_end) return tl::unexpected(relays_end.error());
    const Positions applied = partition.applied();
    const Positions within{std::min(applied.events, *events_end),
                           std::min(applied.relays, *relays_end)};
    if (within == applied) return {};
    base::log_warn("the log ends before the projection does; applying goes on from its end",
                   {{"partition", partition.number()},
                    {"events", applied.events},
                    {"events_end", *events_end},
                    {"relays", applied.relays},
                    {"relays_end", *relays_end}});
    if (within.relays < applied.relays) return partition.forget_relays(within, clock_.now());
    partition.skip_to(within);
    return {};
  }

  void report() {
    std::unique_lock lock(report_mutex_);
    while (!report_ended_) {
      metrics_.state(partitions_, relays_);
      report_wake_.wait_for(lock, std::chrono::seconds(1), [this] { return report_ended_; });
    }
  }

  void flush() {
    const auto flushed = in_parallel(options.worker_threads, partitions_.size(), [this](auto i) {
      return partitions_[i] == nullptr ? base::Status{} : partitions_[i]->flush();
    });
    if (!flushed) {
      base::log_warn("not everything could be written out; the next start takes longer",
                     {{"error", flushed.error().message}});
    }
  }

  eventlog::EventLog& log_;
  const base::Clock& clock_;
  const std::int64_t incarnation_;
  SharedMemory memory_;
  RelayBoard relays_;
  ForeignRelays foreign_;
  ProjectorMetrics metrics_;
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::unique_ptr<PartitionMap> map_;
  std::unique_ptr<FreshnessJudge> judge_;
  GoalWaiters waiters_;
  base::TaskPool pool_;
  std::unique_ptr<LookupService> lookups_;
  std::vector<std::unique_ptr<Worker>> workers_;
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
  if (auto opened = impl->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Projector>(new Projector(std::move(impl)));
}

Projector::Projector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Projector::~Projector() = default;

base::Status Projector::start() {
  impl_->start();
  return {};
}
void Projector::stop(std::chrono::steady_clock::time_point until) {
  impl_->stop(until);
}
base::Status Projector::advances() const {
  return impl_->advances();
}
lookup::Extents Projector::extents() const {
  return impl_->extents();
}
lookup::JobReader& Projector::reader() {
  return impl_->reader();
}
base::Status Projector::dump(std::ostream& out) {
  return impl_->dump_all(out);
}

}  // namespace armada_cache::projector
