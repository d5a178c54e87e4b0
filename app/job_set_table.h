// What `armada-cache show` prints: a line a job set with its jobs by state and how fresh that is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"

namespace armada_cache::app {

struct JobSetLine {
  std::string name;                           // QUEUE/JOBSET
  std::map<int, std::int64_t> jobs_by_state;  // keyed by JobState
  std::string relay;                          // such as "following"
  base::Time as_of;
  std::string problem;  // empty if the line could be asked for
};

// Pure: the text of one screen, ending with a line end.
std::string render(const std::vector<JobSetLine>& lines, base::Time now);

}  // namespace armada_cache::app
