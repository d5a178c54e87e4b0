#include "projector/partition.h"

#include "armada_cache/internal/v1/job_record.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "projector/database.h"
#include "projector/job_set_batch.h"
#include "projector/record_codec.h"
#include "projector/visible.h"

namespace armada_cache::projector {
namespace {

void count_active(const StoredJob& job, const JobSetTable& job_sets, ActiveChanges& counts) {
  if (!is_active(job.status.state)) return;
  const JobSetEntry* owner = job_sets.peek(job.status.job_set);
  internal::v1::JobRecord record;
  if (owner == nullptr || !decode_job(job.record, owner->name, record)) return;
  const std::string pool = record.runs().empty() ? "" : record.runs().rbegin()->pool();
  ++counts[{pool, owner->name.queue}];
}

}  // namespace

Partition::Partition(eventlog::Partition number, const Options& options, const MemoryShare& share,
                     RelayBoard& relays, RelayProgress& progress, std::unique_ptr<Store> store)
    : number_(number),
      rejected_records_max_(options.rejected_records_max),
      relays_(relays),
      progress_(progress),
      store_(std::move(store)),
      table_(share.live_table_bytes, share.finished_table_bytes) {}

Partition::~Partition() {
  job_sets_.each([this](const JobSetEntry& entry) { relays_.let_go_cell(entry.name); });
}

base::Result<std::unique_ptr<Partition>> Partition::open(eventlog::Partition number,
                                                         const Options& options,
                                                         std::shared_ptr<const SharedMemory> memory,
                                                         RelayBoard& relays,
                                                         RelayProgress& progress) {
  const auto folder = options.data_dir / "projection" / std::to_string(number);
  const MemoryShare share = memory->share;
  auto store = Store::open(folder, {number, options.partition_count}, std::move(memory));
  if (!store) return tl::unexpected(store.error());
  std::unique_ptr<Partition> partition(
      new Partition(number, options, share, relays, progress, *std::move(store)));
  if (auto opened = partition->open_state(); !opened) return tl::unexpected(opened.error());
  return partition;
}

base::Status Partition::open_state() {
  const auto positions = store_->positions();
  if (!positions) return tl::unexpected(positions.error());
  const auto events_appended = store_->events_appended();
  if (!events_appended) return tl::unexpected(events_appended.error());
  const auto rejected = store_->rejected_bounds();
  if (!rejected) return tl::unexpected(rejected.error());
  rejected_ = *rejected;
  std::vector<JobSetEntry> entries;
  auto read = store_->each_job_set([&](JobSetEntry entry) { entries.push_back(std::move(entry)); });
  if (!read) return read;
  put_job_sets(entries);
  publish_positions(*positions);
  set_events_as_of(visible_with(*events_appended));
  return {};
}

base::Status Partition::take_over_relays(base::Time now) {
  if (progress_.position(number_) >= positions_.relays) return {};
  bool readable = true;
  auto read = store_->each_relay([&](const base::JobSet& name, std::string_view value) {
    internal::v1::RelayRecord record;
    readable = readable && topics::decode(value, record).has_value();
    relays_.put(name, record, {now, RelayBoard::Source::kDisk});
  });
  if (!read) return read;
  if (!readable) return base::fail(base::ErrorCode::kDataLoss, "a stored relay cannot be read");
  progress_.set_position(number_, positions_.relays);
  return {};
}

void Partition::set_memory(const std::shared_ptr<const SharedMemory>& memory) {
  table_.set_bounds(memory->share.live_table_bytes, memory->share.finished_table_bytes);
  store_->set_memory(memory);
}

base::Status Partition::load() {
  std::int64_t live = 0;
  ActiveChanges active;
  auto read = store_->each_live([&](std::string_view id, const StoredJob& job) {
    ++live;
    count_active(job, job_sets_, active);
    table_.put_live(id, job.status, job.record);
  });
  if (!read) return read;
  live_jobs_ = live;
  active_.add(active);
  table_.set_complete(static_cast<std::int64_t>(table_.live_size()) == live);
  loaded_.store(true, std::memory_order_release);
  return {};
}

base::Result<ChangeSet> Partition::apply(Fold& fold,
                                         std::span<const eventlog::RecordView* const> records) {
  base::Result<ChangeSet> changes = fold.run(records, *this);
  if (!changes) return changes;
  const RejectedBounds after = bounds_after(changes->rejected.size());
  events_limit_.store(changes->positions.events, std::memory_order_release);
  if (auto written = store_->write(*changes, rejected_, after); !written) {
    return tl::unexpected(written.error());
  }
  rejected_ = after;
  publish(*changes);
  return changes;
}

base::Status Partition::forget_relays(Positions positions) {
  ChangeSet changes;
  changes.positions = positions;
  auto read = store_->each_relay([&](base::JobSet name, std::string_view) {
    changes.relays.push_back({std::move(name), std::nullopt, {}});
  });
  if (!read) return read;
  if (auto written = store_->write(changes, rejected_, rejected_); !written) return written;
  publish_positions(positions);
  return {};
}

RejectedBounds Partition::bounds_after(std::size_t rejected) const {
  RejectedBounds after{rejected_.first, rejected_.next + rejected};
  if (after.next - after.first > rejected_records_max_) {
    after.first = after.next - rejected_records_max_;
  }
  return after;
}

// The order matters to lookups: a job is never between two places, and whoever sees the positions
// sees everything below them.
void Partition::publish(const ChangeSet& changes) {
  put_job_sets(changes.job_sets);
  for (const JobChange& job : changes.jobs) publish_job(job);
  active_.add(changes.active);
  // What the board had before the partition came is not put there again.
  if (changes.positions.relays > progress_.position(number_)) {
    for (const RelayChange& relay : changes.relays) publish_relay(relay);
    progress_.set_position(number_, changes.positions.relays);
  }
  if (static_cast<std::int64_t>(table_.live_size()) == live_jobs()) table_.set_complete(true);
  publish_positions(changes.positions);
}

void Partition::put_job_sets(std::span<const JobSetEntry> entries) {
  for (const JobSetEntry& entry : entries) {
    if (cells_.find(entry.state.number) != nullptr) continue;
    cells_.put(entry.state.number, relays_.hold_cell(entry.name));
  }
  job_sets_.put(entries);
}

void Partition::publish_job(const JobChange& job) {
  live_jobs_ += (job.after.live() ? 1 : 0) - (job.before.live() ? 1 : 0);
  if (job.after.live()) {
    table_.put_live(job.id, job.status, job.record);
  } else {
    table_.put_finished(job.id, job.status);
  }
}

void Partition::publish_relay(const RelayChange& relay) {
  internal::v1::RelayRecord record;
  if (relay.record && topics::decode(*relay.record, record)) {
    relays_.put(relay.job_set, record,
                {relay.appended_at, RelayBoard::Source::kLog, relay.least_limit});
  } else {
    relays_.erase(relay.job_set, relay.appended_at);
  }
}

// What lies below on the log anew is to come to the board too.
void Partition::skip_to(Positions positions) {
  const bool back = positions.relays < positions_.relays;
  if (back || positions.relays > progress_.position(number_)) {
    progress_.set_position(number_, positions.relays);
  }
  publish_positions(positions);
}

void Partition::publish_positions(Positions positions) {
  positions_ = positions;
  applied_events_.store(positions.events, std::memory_order_release);
  applied_relays_.store(positions.relays, std::memory_order_release);
  events_limit_.store(positions.events, std::memory_order_release);
}

Positions Partition::applied() const {
  return {applied_events_.load(std::memory_order_acquire),
          applied_relays_.load(std::memory_order_acquire)};
}

eventlog::Offset Partition::events_limit() const {
  return events_limit_.load(std::memory_order_acquire);
}

base::Time Partition::events_as_of() const {
  return base::from_unix_micros(events_as_of_micros_.load(std::memory_order_acquire));
}

void Partition::set_events_as_of(base::Time time) {
  events_as_of_micros_.store(base::to_unix_micros(time), std::memory_order_release);
}

void Partition::set_relays_as_of(base::Time time) {
  if (applied().relays >= progress_.position(number_)) progress_.set_as_of(number_, time);
}

std::string Partition::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

void Partition::set_trouble(std::string text) {
  const std::lock_guard lock(trouble_mutex_);
  trouble_ = std::move(text);
  stands_still_ = !trouble_.empty();
}

base::Status Partition::jobs(std::span<const std::string_view> ids, std::vector<StoredJob>& into) {
  into.assign(ids.size(), {});
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    into[i] = table_.peek_live(ids[i]);
    if (!into[i].known) missing.push_back(i);
  }
  return read_jobs(ids, missing, into);
}

base::Status Partition::read_jobs(std::span<const std::string_view> ids,
                                  std::span<const std::size_t> missing,
                                  std::vector<StoredJob>& into) {
  std::vector<std::string_view> keys;
  for (const std::size_t index : missing) keys.push_back(ids[index]);
  read_.assign(keys.size(), {});
  const auto take = [&](const std::vector<Found<OwnedJob>>& found,
                        std::span<const std::size_t> at) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i].value) continue;
      read_[at[i]] = *found[i].value;
      into[missing[at[i]]] = {true, read_[at[i]].status, read_[at[i]].record};
    }
  };
  std::vector<std::size_t> all(keys.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (!table_.complete()) {
    const auto live = store_->live(keys, Reach::kDisk);
    if (!live) return tl::unexpected(live.error());
    take(*live, all);
  }
  // Most that are not live are new: the small statuses tell, at the price of a filter.
  const auto statuses = store_->statuses(keys, Reach::kDisk);
  if (!statuses) return tl::unexpected(statuses.error());
  std::vector<std::string_view> finished;
  std::vector<std::size_t> finished_at;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!(*statuses)[i].value) continue;
    finished.push_back(keys[i]);
    finished_at.push_back(i);
  }
  const auto details = store_->details(finished, Reach::kDisk);
  if (!details) return tl::unexpected(details.error());
  take(*details, finished_at);
  return {};
}

base::Status Partition::forget(std::span<const std::string_view> ids) {
  const auto details = store_->details(ids, Reach::kDisk);
  if (!details) return tl::unexpected(details.error());
  std::vector<Store::Forgotten> forgotten;
  JobSetBatch sets(*this);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!(*details)[i].value) continue;
    const OwnedJob& job = *(*details)[i].value;
    internal::v1::JobRecord record;
    record.ParseFromString(job.record);
    forgotten.push_back({std::string(ids[i]), job.status.job_set, record.external_job_uri()});
    sets.count(job.status.job_set, job.status.state, -1);
  }
  const std::vector<JobSetEntry> changed = sets.changed();
  if (auto written = store_->forget(forgotten, changed, {}); !written) return written;
  for (const Store::Forgotten& job : forgotten) table_.erase(job.id);
  job_sets_.put(changed);
  return {};
}

base::Result<JobSetNumber> Partition::drop_silent_job_sets(JobSetNumber after, std::size_t limit,
                                                           base::Time silent_since) {
  const auto oldest = static_cast<std::uint64_t>(base::to_unix_millis(silent_since));
  std::vector<base::JobSet> gone;
  std::vector<JobSetNumber> numbers;
  const JobSetEntry* entry = job_sets_.peek_after(after);
  for (; entry != nullptr && limit > 0; entry = job_sets_.peek_after(after), --limit) {
    after = entry->state.number;
    if (!entry->state.has_jobs() && entry->state.last_id.millis < oldest &&
        !relays_.expects_events(entry->name)) {
      gone.push_back(entry->name);
      numbers.push_back(entry->state.number);
    }
  }
  if (!gone.empty()) {
    if (auto written = store_->forget({}, {}, gone); !written) {
      return tl::unexpected(written.error());
    }
    job_sets_.erase(gone);
    for (const JobSetNumber number : numbers) cells_.erase(number);
    for (const base::JobSet& name : gone) relays_.let_go_cell(name);
  }
  return entry == nullptr ? JobSetNumber{0} : after;
}

}  // namespace armada_cache::projector
