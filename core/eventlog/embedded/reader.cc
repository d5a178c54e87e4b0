#include "core/eventlog/embedded/reader.h"

#include <algorithm>

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::steady_clock;

// A source's least share of a poll, so that finding the place is paid by many records.
constexpr std::size_t kLeastShare = 64;
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);

}  // namespace

class EmbeddedReader::Iterators {
 public:
  explicit Iterators(rocksdb::DB& db) : db_(db) {}

  rocksdb::Iterator& over(const Topic& topic) {
    for (auto& [known, iterator] : open_) {
      if (known == &topic) return *iterator;
    }
    open_.emplace_back(&topic, db_.NewIterator({}, topic.records));
    return *open_.back().second;
  }

 private:
  rocksdb::DB& db_;
  std::vector<std::pair<const Topic*, std::unique_ptr<rocksdb::Iterator>>> open_;
};

EmbeddedReader::EmbeddedReader(rocksdb::DB& db, std::deque<PartitionSource> sources,
                               std::size_t max_poll_bytes)
    : db_(db), sources_(std::move(sources)), max_poll_bytes_(max_poll_bytes) {
  for (PartitionSource& source : sources_) source.subscribers().add(&waker_);
}

EmbeddedReader::~EmbeddedReader() {
  for (PartitionSource& source : sources_) source.subscribers().remove(&waker_);
}

base::Result<std::span<const RecordView>> EmbeddedReader::poll(std::size_t max_records,
                                                               std::chrono::milliseconds wait) {
  const auto deadline = steady_clock::now() + std::clamp(wait, {}, kLongestWait);
  bool may_wait = !waker_.take_interrupt();
  while (true) {
    waker_.forget_records();
    records_.clear();
    arena_.reset();
    if (auto collected = collect(max_records); !collected) {
      return tl::unexpected(collected.error());
    }
    if (!records_.empty() || !may_wait) return std::span<const RecordView>(records_);
    may_wait = waker_.wait_until(deadline) == Waker::Cause::kRecords;
  }
}

Offset EmbeddedReader::position(const TopicPartition& of) const {
  const auto found = std::ranges::find_if(sources_, [&](const PartitionSource& source) {
    return source.number() == of.partition && source.topic().name == of.topic;
  });
  return found == sources_.end() ? 0 : found->position();
}

base::Status EmbeddedReader::collect(std::size_t max_records) {
  Allowance allowance{max_records, max_poll_bytes_};
  Iterators iterators(db_);
  while (!allowance.spent()) {
    const auto progress = collect_turn(allowance, iterators);
    if (!progress && records_.empty()) return tl::unexpected(progress.error());
    if (!progress || !*progress) return {};
  }
  return {};
}

base::Result<bool> EmbeddedReader::collect_turn(Allowance& allowance, Iterators& iterators) {
  const auto active = static_cast<std::size_t>(
      std::count_if(sources_.begin(), sources_.end(), [](auto& s) { return s.has_more(); }));
  if (active == 0) return false;
  const std::size_t share = std::max(kLeastShare, allowance.records / active);
  const std::size_t before = records_.size();
  for (std::size_t i = 0; i < sources_.size() && !allowance.spent(); ++i) {
    PartitionSource& source = sources_[next_];
    next_ = (next_ + 1) % sources_.size();
    if (!source.has_more()) continue;
    Allowance own{std::min(share, allowance.records), allowance.bytes};
    const std::size_t own_records = own.records;
    const auto taken = source.take(iterators.over(source.topic()), own, arena_, records_);
    allowance.records -= own_records - own.records;
    allowance.bytes = own.bytes;
    if (!taken) return tl::unexpected(taken.error());
  }
  return records_.size() > before;
}

}  // namespace armada_cache::eventlog::embedded
