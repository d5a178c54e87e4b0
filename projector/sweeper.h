// Forgets the terminal jobs of a partition that are too old, a little at a time.
#pragma once

#include <string>

#include "core/base/clock.h"
#include "projector/options.h"
#include "projector/partition.h"

namespace armada_cache::projector {

// Runs in the partition's worker, between batches.
class Sweeper {
 public:
  Sweeper(Partition& partition, const Options& options)
      : partition_(partition), options_(options) {}

  // Does one bounded step, if a pass is due or under way. How many jobs were forgotten.
  base::Result<std::size_t> step(base::Time now);

 private:
  base::Result<std::size_t> step_jobs(base::Time oldest);
  base::Status step_job_sets(base::Time now);

  Partition& partition_;
  const Options& options_;
  base::Time next_pass_;
  std::string after_job_;
  bool jobs_done_ = false;
  JobSetNumber after_job_set_ = 0;
};

}  // namespace armada_cache::projector
