#include "core/eventlog/embedded/writer.h"

#include <algorithm>

#include "core/base/log.h"

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::steady_clock;

void settle(PendingAppend& append, base::Result<Offset> outcome) {
  append.batch.clear();
  if (append.done) append.done(std::move(outcome));
  append.done = nullptr;
  append.owner->end();
}

}  // namespace

Writer::Writer(const EmbeddedLogOptions& options, Store& store, TopicTable& topics,
               AppendQueue& queue)
    : clock_(options.clock),
      store_(store),
      queue_(queue),
      max_write_bytes_(options.max_write_bytes),
      probe_bytes_(options.probe_bytes),
      trim_interval_(options.trim_interval),
      resume_interval_(options.resume_interval),
      doubt_after_failure_(options.doubt_after_failure),
      builder_(store.db()),
      upkeep_(store, topics, options.clock, options) {
  write_options_.sync = options.sync_every_batch;
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

base::Status Writer::writable() const {
  if (!in_doubt_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(doubt_mutex_);
  return base::fail(base::ErrorCode::kUnavailable, doubt_);
}

void Writer::run() {
  auto next_round = steady_clock::now() + trim_interval_;
  while (true) {
    if (steady_clock::now() >= next_round) {
      upkeep_.start_round();
      next_round = steady_clock::now() + trim_interval_;
    }
    auto group = queue_.take(max_write_bytes_, deadline(next_round));
    if (!group.empty()) {
      commit(std::move(group));
    } else if (queue_.closed()) {
      return;
    } else if (stopped_ && steady_clock::now() >= next_resume_) {
      probe();
    }
    if (stopped_) continue;
    upkeep_.step();
    if (in_doubt_ && steady_clock::now() >= doubt_ends_) in_doubt_ = false;
  }
}

Writer::SteadyTime Writer::deadline(SteadyTime next_round) const {
  if (stopped_) return std::min(next_round, next_resume_);
  if (!upkeep_.idle()) return steady_clock::now();
  return in_doubt_ ? std::min(next_round, doubt_ends_) : next_round;
}

void Writer::commit(std::vector<PendingAppend> group) {
  builder_.begin(clock_.now());
  std::vector<Offset> last(group.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    bytes += group[i].bytes;
    last[i] = builder_.add(group[i]);
  }
  const rocksdb::Status status = write(builder_.finish());
  if (status.ok()) builder_.publish();
  builder_.clear();
  queue_.release(bytes);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (status.ok()) {
      settle(group[i], last[i]);
    } else {
      settle(group[i],
             tl::unexpected(to_error(status, "an append was not written", store_.directory())));
    }
  }
}

rocksdb::Status Writer::write(rocksdb::WriteBatch& batch) {
  resume_if_stopped();
  rocksdb::Status status = store_.db().Write(write_options_, &batch);
  note(status);
  return status;
}

void Writer::note(const rocksdb::Status& status) {
  const std::string folder = store_.directory().string();
  if (!status.ok()) {
    const base::Error error = to_error(status, "appends are not stored", store_.directory());
    if (!stopped_) base::log_error("log writes fail", {{"why", error.message}});
    doubt(error.message + "; it is tried again every " + std::to_string(resume_interval_.count()) +
          " ms");
  } else if (stopped_) {
    base::log_info("log writes succeed again", {{"folder", folder}});
    doubt("the log's folder " + folder +
          " takes writes again since a moment; what was refused before is being appended: ask "
          "again in " +
          std::to_string(doubt_after_failure_.count()) + " ms");
    doubt_ends_ = steady_clock::now() + doubt_after_failure_;
  }
  stopped_ = !status.ok();
}

void Writer::doubt(std::string why) {
  const std::lock_guard lock(doubt_mutex_);
  doubt_ = std::move(why);
  in_doubt_.store(true, std::memory_order_release);
}

// RocksDB refuses writes after a failed one until it is told to resume: ask, but not all the time.
void Writer::resume_if_stopped() {
  if (!stopped_ || steady_clock::now() < next_resume_) return;
  next_resume_ = steady_clock::now() + resume_interval_;
  store_.db().Resume().PermitUncheckedError();  // the write that follows tells
}

void Writer::probe() {
  rocksdb::WriteBatch batch;
  batch.PutLogData(std::string(probe_bytes_, '\0'));
  write(batch).PermitUncheckedError();  // noted
}

}  // namespace armada_cache::eventlog::embedded
