// api.Jobs/GetJobStatus, the one hot call: by hand from the request's bytes to the answer's.
#pragma once

#include <cstddef>

#include "core/rpc/calls/call_queue.h"
#include "query/services/jobs_service.h"

namespace armada_cache::query {

// Answers on the thread that calls it, up to `inline_ids` ids; more go to the pool.
rpc::Method::Handler status_handler(JobsService& jobs, base::TaskPool& pool,
                                    std::size_t inline_ids);

}  // namespace armada_cache::query
