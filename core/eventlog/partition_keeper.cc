#include "core/eventlog/partition_keeper.h"

#include <utility>

#include "core/base/log.h"

namespace armada_cache::eventlog {

using std::chrono::steady_clock;

PartitionKeeper::PartitionKeeper(std::string name, HandoverOptions options, PartitionHolder holder)
    : name_(std::move(name)),
      holder_(std::move(holder)),
      handover_(options),
      thread_([this] { run(); }) {}

void PartitionKeeper::assigned(const std::set<Partition>& partitions, std::int64_t generation) {
  const std::lock_guard lock(mutex_);
  handover_.assigned(partitions, generation);
  changed_.notify_all();
}

void PartitionKeeper::revoked() {
  const std::lock_guard lock(mutex_);
  handover_.revoked(steady_clock::now());
  changed_.notify_all();
}

void PartitionKeeper::lost() {
  const std::lock_guard lock(mutex_);
  handover_.lost();
  changed_.notify_all();
}

void PartitionKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PartitionKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (const auto step = handover_.next(steady_clock::now())) {
      lock.unlock();
      perform(*step);
      lock.lock();
    } else if (const auto wake = handover_.wake_at()) {
      changed_.wait_until(lock, *wake);
    } else {
      changed_.wait(lock);
    }
  }
}

void PartitionKeeper::perform(const Handover::Step& step) {
  if (!step.take) {
    holder_.release(step.partitions, step.lost);
  } else {
    const auto taken = take(step);
    const std::lock_guard lock(mutex_);
    handover_.taken(step, taken.has_value(), steady_clock::now());
    if (!taken) return;
  }
  base::log_info(
      step.take ? "took partitions" : "released partitions",
      {{"tier", name_}, {"partitions", step.partitions.size()}, {"generation", step.generation}});
}

base::Status PartitionKeeper::take(const Handover::Step& step) {
  const auto given_up = [&] {
    const std::lock_guard lock(mutex_);
    return stopping_ || handover_.is_stale(step);
  };
  auto taken = holder_.take(step.partitions, step.generation, given_up);
  if (!taken && !given_up()) {
    base::log_warn("partitions could not be taken, trying again",
                   {{"tier", name_}, {"error", taken.error().message}});
  }
  return taken;
}

}  // namespace armada_cache::eventlog
