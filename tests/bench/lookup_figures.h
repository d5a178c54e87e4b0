// Figures of a server that answers lookups, beside bare echo servers in the same turns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/bench/lookup_run.h"

namespace armada_cache::bench {

struct Served {
  Target target;
  std::uint64_t jobs = 1;  // it knows job_id(0) to job_id(jobs - 1)
};

// Appends a figure beside each of the two kinds of echo. `aim_ratio` is of the better one.
base::Status measure_single_lookups(const Context& context, const Served& served, int callers,
                                    std::optional<double> aim_ratio, std::vector<Figure>& figures);

// Appends a figure of ids a second; the aim is in that.
base::Status measure_batched_lookups(const Context& context, const Served& served, int ids_a_call,
                                     std::optional<double> aim, std::vector<Figure>& figures);

}  // namespace armada_cache::bench
