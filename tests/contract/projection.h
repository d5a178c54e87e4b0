// A log in memory, and projectors of it, each with a share of the partitions.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/base/metrics.h"
#include "core/lookup/job_reader.h"
#include "projector/projector.h"
#include "tests/support/memory_log.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/projector/events.h"

namespace armada_cache::contract {

inline constexpr std::chrono::seconds kDeadline(20);

// The answer that `ask` is given, or why there is none.
template <typename Answer, typename Ask>
base::Result<Answer> answer_of(const Ask& ask) {
  auto promise = std::make_shared<std::promise<base::Result<Answer>>>();
  auto future = promise->get_future();
  ask([promise](base::Result<Answer> answer) { promise->set_value(std::move(answer)); });
  if (future.wait_for(kDeadline) != std::future_status::ready) {
    return base::fail(base::ErrorCode::kDeadlineExceeded, "no answer");
  }
  return future.get();
}

base::Result<lookup::StatusAnswer> statuses(lookup::JobReader& reader,
                                            const std::vector<std::string>& ids,
                                            bool queues = false);
std::vector<int> states(const base::Result<lookup::StatusAnswer>& answer);
base::Result<lookup::JobSetSummary> summary(lookup::JobReader& reader, const base::JobSet& job_set);

class ProjectedLog {
 public:
  static constexpr eventlog::Partition kPartitions = 4;

  ProjectedLog();

  void append(eventlog::Record event);
  void append_relay(const base::JobSet& job_set, internal::v1::RelayState state);

  base::SystemClock clock;
  test_support::MemoryLog log{clock};
};

// A running projector of some of the partitions.
class RunningProjector {
 public:
  RunningProjector(ProjectedLog& log, std::vector<eventlog::Partition> partitions);

  lookup::JobReader& reader() { return projector_->reader(); }
  lookup::Extents extents() const { return projector_->extents(); }
  base::Metrics& metrics() { return metrics_; }

 private:
  test_support::TempDir folder_;
  base::Metrics metrics_;
  std::unique_ptr<projector::Projector> projector_;
};

}  // namespace armada_cache::contract
