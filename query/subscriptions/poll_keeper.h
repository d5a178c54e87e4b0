// Finds out which job sets' jobs are asked for, so that those polls keep their leases alive.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "core/base/clock.h"
#include "core/lookup/job_reader.h"
#include "query/answer/patience.h"

namespace armada_cache::query {

// Thread-safe. Shared, since questions to the projection are answered at any time.
class PollKeeper final : public std::enable_shared_from_this<PollKeeper> {
 public:
  struct Options {
    std::chrono::milliseconds interval{5000};
    std::size_t page = 1000;  // job sets in one answer of the projection
  };
  // Told of each job set that was asked for since the last time.
  using Keep = std::function<void(const base::JobSet&)>;

  // `now`: from when on polls count.
  PollKeeper(const Options& options, lookup::JobReader& reader, base::Time now, Later later,
             Keep keep)
      : options_(options),
        reader_(reader),
        later_(std::move(later)),
        keep_(std::move(keep)),
        since_(now) {}

  void start() { wait(); }
  // Asks no more.
  void stop();

 private:
  void wait();
  void ask(base::JobSet after);
  void take(base::Result<lookup::AskedAnswer> answer, bool first);

  const Options options_;
  lookup::JobReader& reader_;
  const Later later_;
  const Keep keep_;
  std::mutex mutex_;
  base::Time since_;
  base::Time next_since_;
  bool stopped_ = false;
};

}  // namespace armada_cache::query
