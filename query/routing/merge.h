// One answer out of those of several projectors. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/lookup/job_reader.h"

namespace armada_cache::query {

// As old as the oldest, as doubtful as the most doubtful; of at least one.
lookup::Freshness merge(std::span<const lookup::Freshness> parts);
// Of one job set: what is known of its relay counts as `home` tells it, which has the relay's
// partition. Others know of no relay, and say so; from them counts whether they are behind.
lookup::Freshness merge_job_set(std::span<const lookup::Freshness> parts, std::size_t home);

// `parts[i]` answers the items `at[i]` of `count` that were asked for.
lookup::StatusAnswer merge(std::vector<lookup::StatusAnswer> parts,
                           const std::vector<std::vector<std::size_t>>& at, std::size_t count);
lookup::RelaysAnswer merge(std::vector<lookup::RelaysAnswer> parts,
                           const std::vector<std::vector<std::size_t>>& at, std::size_t count);
lookup::DetailsAnswer merge(std::vector<lookup::DetailsAnswer> parts);

// Each part answers for partitions that no other has.
lookup::ListAnswer merge(std::vector<lookup::ListAnswer> parts, std::size_t home,
                         std::size_t limit);
lookup::JobSetSummary merge(std::vector<lookup::JobSetSummary> parts, std::size_t home);
lookup::AskedAnswer merge(const std::vector<lookup::AskedAnswer>& parts, std::size_t limit);
lookup::ActiveQueuesAnswer merge(const std::vector<lookup::ActiveQueuesAnswer>& parts);

}  // namespace armada_cache::query
