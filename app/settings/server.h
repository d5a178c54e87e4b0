// A gRPC server's address and limits.
#pragma once

#include "core/base/settings.h"
#include "core/rpc/server.h"

namespace armada_cache::app {

void declare(rpc::ServerSettings& server, base::Settings& settings);
base::Status check(const rpc::ServerSettings& server);

}  // namespace armada_cache::app
