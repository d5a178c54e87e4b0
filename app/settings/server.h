// A gRPC server's address and limits, and how it serves.
#pragma once

#include <string>

#include "core/base/settings.h"
#include "core/rpc/call_server_options.h"

namespace armada_cache::app {

// `kind` begins the names of the settings for its threads ("query-threads"); `callers` ends the
// help on who may call.
struct ServerKind {
  std::string kind;
  std::string callers;
};

void declare(rpc::CallServerOptions& options, const ServerKind& kind, base::Settings& settings);
base::Status check(const rpc::CallServerOptions& options);

}  // namespace armada_cache::app
