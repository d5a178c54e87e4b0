// A simulated Armada in a process of its own, whose streams hold everything before anybody reads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/job_set.h"
#include "tests/bench/job_events.h"
#include "tests/support/process.h"

namespace armada_cache::bench {

// Job sets of kJobsInJobSet whole lives; `first` and `count` are of job sets.
struct JobSetRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  std::uint64_t events() const;
  std::vector<base::JobSet> job_sets() const;
};

class StreamSource {
 public:
  // Ready when this returns. Output goes to files in `folder`. Throws std::runtime_error.
  StreamSource(JobSetRange range, const std::filesystem::path& folder);

  const std::string& address() const { return address_; }
  pid_t pid() const { return process_.pid(); }

 private:
  test_support::Process process_;
  std::string address_;
};

// The body of that process: prints its address and serves until it is ended.
int simulate_main(JobSetRange range);

}  // namespace armada_cache::bench
