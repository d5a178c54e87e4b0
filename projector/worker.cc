#include "projector/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>

#include "core/base/log.h"
#include "core/topics/codecs.h"
#include "projector/tuning.h"
#include "projector/visible.h"

namespace armada_cache::projector {
namespace {

constexpr auto kRejectedReportInterval = std::chrono::seconds(10);

eventlog::TopicPartition events_of(const Partition& partition) {
  return {std::string(topics::kEvents), partition.number()};
}
eventlog::TopicPartition relays_of(const Partition& partition) {
  return {std::string(topics::kRelays), partition.number()};
}

// Of this thread alone: Linux keeps it a thread.
void lower_priority(int nice) {
  const int now = getpriority(PRIO_PROCESS, 0);
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), now + nice);
}

}  // namespace

Worker::Worker(const std::vector<Partition*>& partitions, const Options& options,
               eventlog::EventLog& log, const base::Clock& clock, ProjectorMetrics& metrics,
               GoalWaiters& waiters)
    : options_(options),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      waiters_(waiters),
      fold_(options.rejected_payload_max_bytes) {
  for (Partition* partition : partitions) shares_.emplace_back(*partition, options);
}

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
    if (reader_ != nullptr) reader_->interrupt();
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Worker::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Worker::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, time, [this] { return stopping_; });
}

void Worker::run() {
  lower_priority(options_.worker_nice);
  stop_counting_in_this_thread();
  while (!stopping()) {
    revive(std::chrono::steady_clock::now());
    if (std::exchange(stale_, false)) drop_reader();
    if (reader_ != nullptr || open_reader()) {
      poll();
    } else {
      pause(options_.poll_wait);
    }
    for (Share& share : shares_) {
      if (!share.ready) continue;
      renew_freshness(share);
      sweep(share);
    }
    waiters_.check(std::chrono::steady_clock::now());
  }
  drop_reader();
}

// Loads partitions at the start, and brings back those whose pause is over.
void Worker::revive(SteadyTime now) {
  for (Share& share : shares_) {
    if (share.ready || now < share.retry_at) continue;
    if (share.broken) {
      if (auto reopened = share.partition->reopen(); !reopened) {
        stall(share, "open anew", reopened.error());
        continue;
      }
      share.broken = false;
    }
    if (!share.loaded) {
      if (auto loaded = share.partition->load(); !loaded) {
        stall_broken(share, "load", loaded.error());
        continue;
      }
      share.loaded = true;
    }
    if (share.unreadable) {
      if (auto probed = probe(*share.partition); !probed) {
        stall(share, "read the log", probed.error());
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
    stall_unreadable("open a reader", reader.error());
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
  if (!records) return stall_unreadable("read the log", records.error());
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
  note_trimmed(share);
  std::span<const eventlog::RecordView* const> rest = share.records;
  while (!rest.empty()) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < rest.size() && (count == 0 || bytes < options_.batch_max_bytes)) {
      bytes += rest[count]->key.size() + rest[count]->value.value_or("").size();
      ++count;
    }
    if (auto applied = apply_slice(share, rest.first(count)); !applied) {
      return stall_broken(share, "apply", applied.error());
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
  for (const eventlog::RecordView* record : records) {
    (record->topic == topics::kEvents ? share.events_appended : share.relays_appended) =
        record->appended_at;
  }
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

// The time is taken before the ends are asked for: what is appended in between is newer.
void Worker::renew_freshness(Share& share) {
  Partition& partition = *share.partition;
  const base::Time now = clock_.now();
  const auto events = log_.end_offset(events_of(partition));
  const auto relays = log_.end_offset(relays_of(partition));
  if (!events || !relays) return;
  const Positions applied = partition.applied();
  const std::array<TopicProgress, 2> progress{{{applied.events, *events, share.events_appended},
                                               {applied.relays, *relays, share.relays_appended}}};
  const eventlog::Offset lag = progress[0].lag() + progress[1].lag();
  metrics_.lag(partition.number(), lag);
  const base::Time visible = visible_up_to(now, progress);
  partition.set_as_of(lag == 0 ? visible : std::max(partition.as_of(), visible));
  if (lag == 0) return;
  if (reader_ != nullptr && !stale_) skip_gaps(share);
}

// All that was read is applied: what lies between that and the reader, retention or compaction
// took.
void Worker::skip_gaps(Share& share) {
  Partition& partition = *share.partition;
  const Positions applied = partition.applied();
  const Positions read{std::max(applied.events, reader_->position(events_of(partition))),
                       std::max(applied.relays, reader_->position(relays_of(partition)))};
  if (read == applied) return;
  count_trimmed(partition, read.events);
  partition.skip_to(read);
}

// The log skips what retention has taken, without a word.
void Worker::note_trimmed(Share& share) {
  for (const eventlog::RecordView* record : share.records) {
    if (record->topic == topics::kEvents) return count_trimmed(*share.partition, record->offset);
  }
}

// Of the events not applied below `until`, those that the log no longer keeps.
void Worker::count_trimmed(const Partition& partition, eventlog::Offset until) {
  const eventlog::Offset applied = partition.applied().events;
  if (until <= applied) return;
  const auto start = log_.start_offset(events_of(partition));
  if (!start || *start <= applied) return;
  const eventlog::Offset lost = std::min(*start, until) - applied;
  metrics_.trimmed(lost);
  base::log_warn(
      "the log no longer keeps events that were not applied yet: the jobs they tell of are not "
      "known, or not as they are; event-retention must be longer than the projection may be behind",
      {{"partition", partition.number()}, {"events", lost}, {"from_offset", applied}});
}

void Worker::sweep(Share& share) {
  const auto forgotten = share.sweeper.step(clock_.now());
  if (!forgotten) return stall_broken(share, "forget old jobs in", forgotten.error());
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
