#include "projector/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/tuning.h"

namespace armada_cache::projector {
namespace {

constexpr auto kRejectedReportInterval = std::chrono::seconds(10);

// Of this thread alone: Linux keeps it a thread.
void lower_priority(int nice) {
  const int now = getpriority(PRIO_PROCESS, 0);
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), now + nice);
}

}  // namespace

Worker::Worker(const Options& options, eventlog::EventLog& log, LogEnds& ends,
               const base::Clock& clock, ProjectorMetrics& metrics, GoalWaiters& waiters)
    : options_(options),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      waiters_(waiters),
      ends_(ends, clock, options.ends_interval),
      fold_(options.rejected_payload_max_bytes) {}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake();
  }
  if (thread_.joinable()) thread_.join();
}

// Under the mutex.
void Worker::wake() {
  if (reader_ != nullptr) reader_->interrupt();
  changed_.notify_all();
}

void Worker::add(Partition& partition) {
  const std::lock_guard lock(mutex_);
  changes_[partition.number()] = &partition;
  here_.insert(partition.number());
  wake();
}

void Worker::remove(eventlog::Partition number) {
  std::unique_lock lock(mutex_);
  if (here_.erase(number) == 0) return;
  changes_[number] = nullptr;
  if (!thread_.joinable()) return;
  wake();
  changed_.wait(lock, [&] { return ended_ || !changes_.contains(number); });
}

std::size_t Worker::partitions() const {
  const std::lock_guard lock(mutex_);
  return here_.size();
}

void Worker::change_shares() {
  const std::lock_guard lock(mutex_);
  if (changes_.empty()) return;
  for (const auto& [number, partition] : changes_) {
    std::erase_if(shares_,
                  [of = number](const Share& share) { return share.partition->number() == of; });
    if (partition != nullptr) shares_.emplace_back(*partition, options_, log_, metrics_);
  }
  changes_.clear();
  stale_ = true;
  changed_.notify_all();
}

bool Worker::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Worker::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_ || !changes_.empty(); });
}

void Worker::run() {
  lower_priority(options_.worker_nice);
  stop_counting_in_this_thread();
  while (!stopping()) {
    change_shares();
    revive(std::chrono::steady_clock::now());
    if (std::exchange(stale_, false)) drop_reader();
    if (reader_ != nullptr || open_reader()) {
      poll();
    } else {
      pause(options_.poll_wait);
    }
    renew_freshness();
    for (Share& share : shares_) {
      // It reads all jobs, so damage would make the partition stand still again and again.
      if (share.ready && share.partition->store().damage().empty()) sweep(share);
    }
    waiters_.check(std::chrono::steady_clock::now());
  }
  drop_reader();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

// Loads partitions at the start, and brings back those whose pause is over.
void Worker::revive(SteadyTime now) {
  for (Share& share : shares_) {
    if (share.ready || now < share.retry_at) continue;
    if (share.broken) {
      if (auto reopened = share.partition->reopen(); !reopened) {
        stall(share, doing::kOpen, reopened.error());
        continue;
      }
      share.broken = false;
    }
    if (!share.loaded) {
      if (auto loaded = share.partition->load(); !loaded) {
        stall_broken(share, doing::kLoad, loaded.error());
        continue;
      }
      share.loaded = true;
    }
    if (share.unreadable) {
      if (auto probed = probe(*share.partition); !probed) {
        stall(share, doing::kRead, probed.error());
        continue;
      }
      share.unreadable = false;
    }
    share.ready = stale_ = true;
  }
}

bool Worker::open_reader() {
  std::map<eventlog::TopicPartition, eventlog::Offset> positions;
  for (const Share& share : shares_) {
    if (!share.ready) continue;
    const Positions applied = share.partition->applied();
    positions[events_of(*share.partition)] = applied.events;
    positions[relays_of(*share.partition)] = applied.relays;
  }
  if (positions.empty()) return false;
  auto reader = log_.reader(positions);
  if (!reader) {
    stall_unreadable(doing::kOpenReader, reader.error());
    return false;
  }
  const std::lock_guard lock(mutex_);
  reader_ = *std::move(reader);
  return !stopping_;
}

void Worker::drop_reader() {
  std::unique_ptr<eventlog::Reader> dropped;
  const std::lock_guard lock(mutex_);
  dropped = std::move(reader_);
}

void Worker::poll() {
  const auto records = reader_->poll(options_.batch_max_records, options_.poll_wait);
  if (!records) return stall_unreadable(doing::kRead, records.error());
  distribute(*records);
  for (Share& share : shares_) {
    if (!share.ready) continue;
    if (share.records.empty()) {
      recover(share);
    } else {
      apply(share);
    }
  }
}

void Worker::distribute(std::span<const eventlog::RecordView> records) {
  for (Share& share : shares_) share.records.clear();
  for (const eventlog::RecordView& record : records) {
    if (Share* share = share_of(record.partition)) share->records.push_back(&record);
  }
}

Worker::Share* Worker::share_of(eventlog::Partition number) {
  for (Share& share : shares_) {
    if (share.partition->number() == number) return &share;
  }
  return nullptr;
}

// In slices that bound the memory of a fold, however large the records are.
void Worker::apply(Share& share) {
  share.progress.note_read(share.records);
  std::span<const eventlog::RecordView* const> rest = share.records;
  while (!rest.empty()) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < rest.size() && (count == 0 || bytes < options_.batch_max_bytes)) {
      bytes += rest[count]->key.size() + rest[count]->value.value_or("").size();
      ++count;
    }
    if (auto applied = apply_slice(share, rest.first(count)); !applied) {
      return stall_broken(share, doing::kApply, applied.error());
    }
    rest = rest.subspan(count);
  }
  recover(share);
}

// What fails again soon has not recovered: its pauses go on to grow.
void Worker::recover(Share& share) {
  if (share.pause.count() == 0) return;
  if (std::chrono::steady_clock::now() < share.retry_at + share.pause) return;
  share.pause = base::Duration{0};
  share.partition->set_trouble({});
  if (!std::exchange(share.told, false)) return;
  base::log_info("a partition goes on", {{"partition", share.partition->number()}});
}

base::Status Worker::apply_slice(Share& share,
                                 std::span<const eventlog::RecordView* const> records) {
  const auto changes = share.partition->apply(fold_, records);
  if (!changes) return tl::unexpected(changes.error());
  share.progress.note_applied(records);
  metrics_.applied(*changes, records.size(), clock_.now());
  report_rejected(*changes, *share.partition);
  waiters_.check(std::chrono::steady_clock::now());
  return {};
}

void Worker::report_rejected(const ChangeSet& changes, const Partition& partition) {
  unreported_ += changes.rejected.size();
  const auto now = std::chrono::steady_clock::now();
  if (changes.rejected.empty() || now < next_rejected_report_) return;
  const RejectedRecord& last = changes.rejected.back();
  base::log_warn("records that cannot be applied are kept aside",
                 {{"records", unreported_},
                  {"partition", partition.number()},
                  {"topic", last.topic},
                  {"offset", last.offset},
                  {"reason", name_of(last.reason)}});
  unreported_ = 0;
  next_rejected_report_ = now + kRejectedReportInterval;
}

void Worker::renew_freshness() {
  std::vector<eventlog::TopicPartition> of;
  for (const Share& share : shares_) {
    if (!share.ready) continue;
    of.push_back(events_of(*share.partition));
    of.push_back(relays_of(*share.partition));
  }
  ends_.ask(of, std::chrono::steady_clock::now());
  const eventlog::Reader* const reader = stale_ ? nullptr : reader_.get();
  for (Share& share : shares_) {
    if (share.ready) share.progress.renew(ends_, reader);
  }
}

void Worker::sweep(Share& share) {
  const auto forgotten = share.sweeper.step(clock_.now());
  if (!forgotten) return stall_broken(share, doing::kForget, forgotten.error());
  if (*forgotten > 0) metrics_.forgotten(*forgotten);
}

void Worker::stall(Share& share, std::string_view doing, const base::Error& error) {
  share.ready = false;
  share.pause = share.pause.count() == 0 ? options_.retry_first
                                         : std::min(share.pause * 2, options_.retry_max);
  share.retry_at = std::chrono::steady_clock::now() + share.pause;
  share.partition->set_trouble(error.message);
  metrics_.failed(doing);
  stale_ = true;  // not dropped here: records of the poll in hand may still be in use
  const auto left_out = share.lines.take();
  if (!left_out) return;
  share.told = true;
  base::log_error("a partition stands still and is tried again",
                  {{"partition", share.partition->number()},
                   {"doing", doing},
                   {"code", name_of(error.code)},
                   {"error", error.message},
                   {"lines_left_out_before", *left_out}});
}

void Worker::stall_broken(Share& share, std::string_view doing, const base::Error& error) {
  share.broken = true;
  stall(share, doing, error);
}

// A reader over many partitions does not tell which of them it cannot read: each is tried alone.
void Worker::stall_unreadable(std::string_view doing, const base::Error& error) {
  std::vector<std::pair<Share*, base::Error>> found;
  for (Share& share : shares_) {
    if (!share.ready) continue;
    if (auto probed = probe(*share.partition); !probed) found.emplace_back(&share, probed.error());
  }
  if (found.empty()) {  // all at once, then
    for (Share& share : shares_) {
      if (share.ready) found.emplace_back(&share, error);
    }
  }
  for (const auto& [share, why] : found) {
    share->unreadable = true;
    stall(*share, doing, why);
  }
}

// Whether what comes next of the partition can be read, as much of it as one poll can give.
base::Status Worker::probe(const Partition& partition) {
  const Positions applied = partition.applied();
  const std::pair<eventlog::TopicPartition, eventlog::Offset> each[] = {
      {events_of(partition), applied.events}, {relays_of(partition), applied.relays}};
  for (const auto& [of, offset] : each) {
    auto reader = log_.reader({{of, offset}});
    if (!reader) return tl::unexpected(reader.error());
    const auto records = (*reader)->poll(options_.batch_max_records, std::chrono::milliseconds(0));
    if (!records) return tl::unexpected(records.error());
  }
  return {};
}

}  // namespace armada_cache::projector
