// The jobs of a job set, page by page, merged over the partitions.
#pragma once

#include <functional>

#include "core/lookup/job_reader.h"
#include "projector/freshness.h"
#include "projector/job_finder.h"

namespace armada_cache::projector {

// Reads from disk, and looks at about `scan_max` jobs in all before it answers with what it has.
// `hidden` leaves jobs out that are too old to be known. No freshness is set.
base::Result<lookup::ListAnswer> list_jobs(std::span<Partition* const> partitions,
                                           const lookup::ListRequest& request,
                                           const std::function<bool(const JobStatus&)>& hidden,
                                           std::size_t scan_max);

}  // namespace armada_cache::projector
