// api.Jobs/GetJobStatus, the one hot call: by hand from the request's bytes to the answer's.
#pragma once

#include <cstddef>

#include "query/services/jobs_service.h"
#include "query/transport/call_queue.h"

namespace armada_cache::query {

// Answers on the thread that calls it, up to `inline_ids` ids; more go to the pool.
Method::Handler status_handler(JobsService& jobs, base::TaskPool& pool, std::size_t inline_ids);

}  // namespace armada_cache::query
