// Finds jobs of one partition wherever they are: in memory, among the live or the finished.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "projector/partition.h"

namespace armada_cache::projector {

// Both give one entry for each id, in their order. Any thread. A job that the partition holds from
// before the call until after it is found, even while it moves from live to finished.
base::Result<std::vector<Found<JobStatus>>> find_statuses(const Partition& partition,
                                                          std::span<const std::string_view> ids,
                                                          Reach reach);
base::Result<std::vector<Found<OwnedJob>>> find_jobs(const Partition& partition,
                                                     std::span<const std::string_view> ids,
                                                     Reach reach);

}  // namespace armada_cache::projector
