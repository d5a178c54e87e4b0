#include "core/eventlog/embedded/writer.h"

#include "core/base/log.h"

namespace armada_cache::eventlog::embedded {
namespace {

using std::chrono::steady_clock;

// RocksDB refuses writes after a failed one until it is told to resume: ask, but not all the time.
constexpr std::chrono::milliseconds kResumeInterval(200);

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
      trim_interval_(options.trim_interval),
      builder_(store.db()),
      upkeep_(store, topics, options.clock, options.tombstone_retention) {
  write_options_.sync = options.sync_every_batch;
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

void Writer::run() {
  auto next_round = steady_clock::now() + trim_interval_;
  while (true) {
    if (steady_clock::now() >= next_round) {
      upkeep_.start_round();
      next_round = steady_clock::now() + trim_interval_;
    }
    const auto deadline = upkeep_.idle() || stopped_ ? next_round : steady_clock::now();
    auto group = queue_.take(max_write_bytes_, deadline);
    if (!group.empty()) {
      commit(std::move(group));
    } else if (queue_.closed()) {
      return;
    }
    if (!stopped_) upkeep_.step();
  }
}

void Writer::commit(std::vector<PendingAppend> group) {
  builder_.begin(clock_.now());
  std::vector<Offset> last(group.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    bytes += group[i].bytes;
    if (!group[i].refused) last[i] = builder_.add(group[i]);
  }
  const rocksdb::Status status = write(builder_.finish());
  if (status.ok()) builder_.publish();
  builder_.clear();
  queue_.release(bytes);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].refused) {
      settle(group[i], tl::unexpected(std::move(*group[i].refused)));
    } else if (status.ok()) {
      settle(group[i], last[i]);
    } else {
      settle(group[i],
             tl::unexpected(to_error(status, "an append was not written", store_.directory())));
    }
  }
}

rocksdb::Status Writer::write(rocksdb::WriteBatch& batch) {
  if (batch.Count() == 0) return rocksdb::Status::OK();
  resume_if_stopped();
  rocksdb::Status status = store_.db().Write(write_options_, &batch);
  if (!status.ok() && !stopped_) {
    base::log_error("log writes fail",
                    {{"folder", store_.directory().string()}, {"why", status.ToString()}});
  } else if (status.ok() && stopped_) {
    base::log_info("log writes succeed again", {{"folder", store_.directory().string()}});
  }
  stopped_ = !status.ok();
  return status;
}

void Writer::resume_if_stopped() {
  if (!stopped_ || steady_clock::now() < next_resume_) return;
  next_resume_ = steady_clock::now() + kResumeInterval;
  store_.db().Resume().PermitUncheckedError();  // the write that follows tells
}

}  // namespace armada_cache::eventlog::embedded
