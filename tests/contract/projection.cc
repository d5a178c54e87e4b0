#include "tests/contract/projection.h"

#include <gtest/gtest.h>

#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::contract {

base::Result<lookup::StatusAnswer> statuses(lookup::JobReader& reader,
                                            const std::vector<std::string>& ids, bool queues) {
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  return answer_of<lookup::StatusAnswer>(
      [&](auto done) { reader.statuses(views, queues, std::move(done)); });
}

std::vector<int> states(const base::Result<lookup::StatusAnswer>& answer) {
  EXPECT_TRUE(answer) << answer.error().message;
  std::vector<int> found;
  if (!answer) return found;
  for (const lookup::JobStatus& status : answer->statuses) found.push_back(status.state);
  return found;
}

base::Result<lookup::JobSetSummary> summary(lookup::JobReader& reader,
                                            const base::JobSet& job_set) {
  return answer_of<lookup::JobSetSummary>(
      [&](auto done) { reader.summarize(job_set, std::move(done)); });
}

ProjectedLog::ProjectedLog() {
  for (const auto& spec : topics::topic_specs(kPartitions, std::chrono::hours(24))) {
    EXPECT_TRUE(log.ensure_topic(spec));
  }
}

void ProjectedLog::append(eventlog::Record event) {
  const auto partition = topics::partition_of_job(event.key, kPartitions);
  log.append({std::string(topics::kEvents), partition}, std::move(event));
}

void ProjectedLog::append_relay(const base::JobSet& job_set, internal::v1::RelayState state) {
  const auto partition = topics::partition_of_job_set(job_set, kPartitions);
  log.append({std::string(topics::kRelays), partition},
             projector::testing::relay(job_set, state, 1, base::to_unix_micros(clock.now())));
}

RunningProjector::RunningProjector(ProjectedLog& log, std::vector<eventlog::Partition> partitions) {
  projector::Options options;
  options.data_dir = folder_.path();
  options.partition_count = ProjectedLog::kPartitions;
  options.partitions = std::move(partitions);
  options.worker_threads = 1;
  options.poll_wait = std::chrono::milliseconds(2);
  options.retry_first = std::chrono::milliseconds(5);
  auto opened = projector::Projector::open(options, log.log, log.clock, metrics_);
  if (!opened) throw std::runtime_error(opened.error().message);
  projector_ = *std::move(opened);
  EXPECT_TRUE(projector_->start());
}

}  // namespace armada_cache::contract
