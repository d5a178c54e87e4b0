// How calls are answered, and what they subscribe.
#pragma once

#include "core/base/settings.h"
#include "query/query_server.h"

namespace armada_cache::app {

// Its gRPC server as well.
void declare(query::QueryOptions& options, base::Settings& settings);
base::Status check(const query::QueryOptions& options);

}  // namespace armada_cache::app
