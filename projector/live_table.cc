#include "projector/live_table.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bitset>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <utility>

namespace armada_cache::projector {
namespace {

// One allocation a job: this head, the id, the record.
struct Entry {
  std::uint32_t record_size;
  JobSetNumber job_set;
  std::uint32_t last_transition_seconds;
  std::uint16_t id_size;
  std::uint8_t state;
  bool finished : 1;
  bool forgotten : 1;  // only the queue of finished ones still holds it

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view id() const { return {bytes(), id_size}; }
  std::string_view record() const { return {bytes() + id_size, record_size}; }
  JobStatus status() const { return {state, job_set, last_transition_seconds}; }
};

constexpr std::size_t kSlotBytes = 14;  // of the hash set at its mean load

std::size_t size_of(std::size_t id_size, std::size_t record_size) {
  return sizeof(Entry) + id_size + record_size;
}
std::size_t size_of(const Entry& entry) {
  return size_of(entry.id_size, entry.record_size);
}
std::size_t bytes_of(const Entry& entry) {
  return SlabPool::rounded(size_of(entry)) + kSlotBytes;
}

void fill(Entry& entry, JobStatus status, std::string_view record) {
  entry.state = static_cast<std::uint8_t>(status.state);
  entry.job_set = status.job_set;
  entry.last_transition_seconds = status.last_transition_seconds;
  entry.record_size = static_cast<std::uint32_t>(record.size());
  if (!record.empty()) {
    std::memcpy(entry.bytes() + entry.id_size, record.data(), record.size());
  }
}

Entry* make_entry(SlabPool& pool, std::string_view id, JobStatus status, std::string_view record) {
  auto* entry = new (pool.allocate(size_of(id.size(), record.size()))) Entry{};
  entry->id_size = static_cast<std::uint16_t>(id.size());
  std::memcpy(entry->bytes(), id.data(), id.size());
  fill(*entry, status, record);
  return entry;
}

struct Id {
  std::string_view text;
  std::size_t hash;
};

struct Slot {
  mutable Entry* entry;
};

struct IdHash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(const Id& id) const { return id.hash; }
  std::size_t operator()(const Slot& slot) const {
    return std::hash<std::string_view>()(slot.entry->id());
  }
};

struct IdEqual {
  using is_transparent = void;
  bool operator()(const Id& id, const Slot& slot) const { return id.text == slot.entry->id(); }
  bool operator()(const Slot& slot, const Id& id) const { return id.text == slot.entry->id(); }
  bool operator()(const Slot& a, const Slot& b) const { return a.entry == b.entry; }
};

Id id_of(std::string_view text) {
  return {text, std::hash<std::string_view>()(text)};
}

}  // namespace

class LiveTable::Shard {
  using Set = boost::unordered_flat_set<Slot, IdHash, IdEqual>;

 public:
  ~Shard() {
    for (const Slot& slot : set_) {
      if (!slot.entry->finished) free(slot.entry);
    }
    for (Entry* entry : finished_) free(entry);
  }

  void share(std::atomic<bool>& complete, SlabPool& pool) {
    complete_ = &complete;
    pool_ = &pool;
  }

  void set_bounds(std::size_t live_max_bytes, std::size_t finished_max_bytes) {
    live_max_bytes_ = live_max_bytes;
    finished_max_bytes_ = finished_max_bytes;
  }

  void lock() const { mutex_.lock(); }
  void unlock() const { mutex_.unlock(); }

  std::optional<JobStatus> status(const Id& id) const {
    const std::lock_guard lock(mutex_);
    return locked_status(id);
  }

  // Between lock() and unlock().
  std::optional<JobStatus> locked_status(const Id& id) const {
    const auto found = set_.find(id);
    if (found == set_.end()) return std::nullopt;
    return found->entry->status();
  }

  std::optional<JobStatus> copy_live(const Id& id, std::string& record) const {
    const std::lock_guard lock(mutex_);
    const auto found = set_.find(id);
    if (found == set_.end() || found->entry->finished) return std::nullopt;
    record.assign(found->entry->record());
    return found->entry->status();
  }

  StoredJob peek_live(const Id& id) const {
    const auto found = set_.find(id);
    if (found == set_.end() || found->entry->finished) return {};
    const Entry& entry = *found->entry;
    return {true, entry.status(), entry.record()};
  }

  void put_live(const Id& id, JobStatus status, std::string_view record) {
    const auto found = set_.find(id);
    const bool live = found != set_.end() && !found->entry->finished;
    const std::size_t others = live_bytes_ - (live ? bytes_of(*found->entry) : 0);
    if (others + size_of(id.text.size(), record.size()) > live_max_bytes_ ||
        id.text.size() > UINT16_MAX) {
      complete_->store(false, std::memory_order_release);
      erase(id);
      return;
    }
    Entry* fresh = make_entry(*pool_, id.text, status, record);
    live_bytes_ += bytes_of(*fresh);
    ++live_size_;
    replace(found, fresh);
  }

  void put_finished(const Id& id, JobStatus status) {
    const auto found = set_.find(id);
    if (found != set_.end() && found->entry->finished) {
      const std::lock_guard lock(mutex_);
      fill(*found->entry, status, {});
      return;
    }
    if (finished_max_bytes_ == 0 || id.text.size() > UINT16_MAX) {
      erase(id);
      return;
    }
    Entry* fresh = make_entry(*pool_, id.text, status, {});
    fresh->finished = true;
    replace(found, fresh);
    finished_.push_back(fresh);
    finished_bytes_ += bytes_of(*fresh);
    while (finished_bytes_ > finished_max_bytes_) forget_oldest();
  }

  void erase(const Id& id) {
    const auto found = set_.find(id);
    if (found == set_.end()) return;
    Entry* old = found->entry;
    {
      const std::lock_guard lock(mutex_);
      set_.erase(found);
    }
    dispose(old);
  }

  std::size_t live_size() const { return live_size_.load(std::memory_order_relaxed); }
  std::size_t live_bytes() const { return live_bytes_.load(std::memory_order_relaxed); }
  std::size_t finished_bytes() const { return finished_bytes_.load(std::memory_order_relaxed); }

 private:
  // A lookup waits for as long as the writer holds the lock, which is long if the system takes the
  // processor from it meanwhile: so it holds it for next to nothing.
  void replace(Set::iterator found, Entry* fresh) {
    Entry* old = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (found == set_.end()) {
        set_.insert(Slot{fresh});
      } else {
        old = std::exchange(found->entry, fresh);
      }
    }
    if (old != nullptr) dispose(old);
  }

  void dispose(Entry* entry) {
    if (entry->finished) {
      entry->forgotten = true;
      return;
    }
    live_bytes_ -= bytes_of(*entry);
    --live_size_;
    free(entry);
  }

  void forget_oldest() {
    Entry* oldest = finished_.front();
    finished_.pop_front();
    finished_bytes_ -= bytes_of(*oldest);
    if (!oldest->forgotten) {
      const auto found = set_.find(id_of(oldest->id()));
      const std::lock_guard lock(mutex_);
      set_.erase(found);
    }
    free(oldest);
  }

  void free(Entry* entry) { pool_->release(entry, size_of(*entry)); }

  mutable std::mutex mutex_;  // the writer alone changes, so that it reads without
  Set set_;
  std::deque<Entry*> finished_;
  std::atomic<bool>* complete_ = nullptr;
  SlabPool* pool_ = nullptr;
  std::atomic<std::size_t> live_max_bytes_ = 0;
  std::atomic<std::size_t> finished_max_bytes_ = 0;
  std::atomic<std::size_t> live_size_ = 0;
  std::atomic<std::size_t> live_bytes_ = 0;
  std::atomic<std::size_t> finished_bytes_ = 0;
};

LiveTable::LiveTable(std::size_t live_max_bytes, std::size_t finished_max_bytes)
    : shards_(new Shard[std::size_t{1} << kShardBits]) {
  for (std::size_t i = 0; i < std::size_t{1} << kShardBits; ++i) {
    shards_[i].share(complete_, pool_);
  }
  set_bounds(live_max_bytes, finished_max_bytes);
}

LiveTable::~LiveTable() = default;

void LiveTable::set_bounds(std::size_t live_max_bytes, std::size_t finished_max_bytes) {
  for (std::size_t i = 0; i < std::size_t{1} << kShardBits; ++i) {
    shards_[i].set_bounds(live_max_bytes >> kShardBits, finished_max_bytes >> kShardBits);
  }
}

// The hash set takes the highest and the lowest bits.
std::size_t LiveTable::shard_number(std::size_t hash) {
  return (hash >> 20) & ((std::size_t{1} << kShardBits) - 1);
}

LiveTable::Shard& LiveTable::shard_of(std::size_t hash) const {
  return shards_[shard_number(hash)];
}

// Holds the shards of some ids, taken in their order. Each search waits for memory, and a lock
// waits for all that was read before it: between the locks the processor searches for several ids
// at a time.
class LiveTable::Together {
 public:
  static constexpr std::size_t kIds = 16;

  Together(const LiveTable& table, std::span<const std::string_view> texts)
      : shards_(table.shards_.get()) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      ids_[i] = id_of(texts[i]);
      held_.set(shard_number(ids_[i].hash));
    }
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (held_[i]) shards_[i].lock();
    }
  }
  ~Together() {
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (held_[i]) shards_[i].unlock();
    }
  }
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;

  std::optional<JobStatus> status(std::size_t at) const {
    return shards_[shard_number(ids_[at].hash)].locked_status(ids_[at]);
  }

 private:
  const Shard* shards_;
  std::array<Id, kIds> ids_;
  std::bitset<std::size_t{1} << kShardBits> held_;
};

void LiveTable::statuses(std::span<const std::string_view> ids,
                         std::span<std::optional<JobStatus>> found) const {
  while (!ids.empty()) {
    const std::size_t count = std::min(ids.size(), Together::kIds);
    const Together together(*this, ids.first(count));
    for (std::size_t i = 0; i < count; ++i) found[i] = together.status(i);
    ids = ids.subspan(count);
    found = found.subspan(count);
  }
}

std::optional<JobStatus> LiveTable::status(std::string_view text) const {
  const Id id = id_of(text);
  return shard_of(id.hash).status(id);
}

std::optional<JobStatus> LiveTable::copy_live(std::string_view text, std::string& record) const {
  const Id id = id_of(text);
  return shard_of(id.hash).copy_live(id, record);
}

void LiveTable::put_live(std::string_view text, JobStatus status, std::string_view record) {
  const Id id = id_of(text);
  shard_of(id.hash).put_live(id, status, record);
}

void LiveTable::put_finished(std::string_view text, JobStatus status) {
  const Id id = id_of(text);
  shard_of(id.hash).put_finished(id, status);
}

void LiveTable::erase(std::string_view text) {
  const Id id = id_of(text);
  shard_of(id.hash).erase(id);
}

StoredJob LiveTable::peek_live(std::string_view text) const {
  const Id id = id_of(text);
  return shard_of(id.hash).peek_live(id);
}

std::size_t LiveTable::live_size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < std::size_t{1} << kShardBits; ++i) total += shards_[i].live_size();
  return total;
}

std::size_t LiveTable::live_bytes() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < std::size_t{1} << kShardBits; ++i) total += shards_[i].live_bytes();
  return total;
}

std::size_t LiveTable::finished_bytes() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < std::size_t{1} << kShardBits; ++i) {
    total += shards_[i].finished_bytes();
  }
  return total;
}

}  // namespace armada_cache::projector
