#include "tests/bench/log_filler.h"

#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/bench/job_ids.h"

namespace armada_cache::bench {

base::Status make_topics(eventlog::EventLog& log, eventlog::Partition partitions) {
  for (const auto& spec : topics::topic_specs(partitions, std::chrono::hours(24 * 7))) {
    if (auto made = log.ensure_topic(spec); !made) return made;
  }
  return {};
}

LogFiller::LogFiller(eventlog::EventLog& log, eventlog::Partition partitions,
                     std::uint64_t sequence)
    : appender_(log.appender()),
      batches_(static_cast<std::size_t>(partitions)),
      last_jobs_(static_cast<std::size_t>(partitions)),
      first_sequence_(sequence),
      sequence_(sequence) {}

void LogFiller::append(std::uint64_t job, Step step) {
  eventlog::Record record = make_record(job, step, sequence_++);
  bytes_ += record.value->size();
  const auto partitions = static_cast<eventlog::Partition>(batches_.size());
  const eventlog::Partition partition = topics::partition_of_job(record.key, partitions);
  auto& batch = batches_[static_cast<std::size_t>(partition)];
  batch.push_back(std::move(record));
  last_jobs_[static_cast<std::size_t>(partition)] = job;
  if (batch.size() >= kBatch) send(partition);
}

void LogFiller::send(eventlog::Partition partition) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return unacknowledged_ < kMaxUnacknowledged; });
    ++unacknowledged_;
  }
  appender_->append({std::string(topics::kEvents), partition},
                    std::exchange(batches_[static_cast<std::size_t>(partition)], {}),
                    [this](const base::Result<eventlog::Offset>& result) { settled(result); });
}

void LogFiller::settled(const base::Result<eventlog::Offset>& result) {
  const std::lock_guard lock(mutex_);
  --unacknowledged_;
  if (!result) status_ = tl::unexpected(result.error());
  changed_.notify_all();
}

base::Status LogFiller::finish() {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (!batches_[i].empty()) send(static_cast<eventlog::Partition>(i));
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unacknowledged_ == 0; });
  return status_;
}

std::vector<std::uint64_t> LogFiller::last_jobs() const {
  std::vector<std::uint64_t> jobs;
  for (const auto& job : last_jobs_) {
    if (job) jobs.push_back(*job);
  }
  return jobs;
}

void fill_adjacent(LogFiller& filler, JobRange jobs, const std::vector<Step>& life) {
  for (std::uint64_t i = 0; i < jobs.count; ++i) {
    for (const Step step : life) filler.append(jobs.first + i, step);
  }
}

void fill_scattered(LogFiller& filler, JobRange jobs, const std::vector<Step>& life) {
  for (const Step step : life) {
    for (std::uint64_t i = 0; i < jobs.count; ++i) {
      filler.append(jobs.first + shuffled(i, jobs.count), step);
    }
  }
}

}  // namespace armada_cache::bench
