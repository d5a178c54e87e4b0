// Run ids. Armada's own are not in the stream, so runs are numbered in the order of their leases;
// the job id inside leads from a run to its job.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace armada_cache::job {

// "<job id>-run-<number>", from 0.
std::string run_id(std::string_view job_id, int number);

struct RunName {
  std::string_view job_id;  // part of the text that was parsed
  int number = 0;
};

// Empty for anything that run_id() does not make.
std::optional<RunName> parse_run_id(std::string_view text);

}  // namespace armada_cache::job
