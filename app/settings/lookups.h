// Lookups between processes: how projectors serve them, and how the query tier asks.
#pragma once

#include "core/base/settings.h"
#include "projector/rpc/lookup_server.h"
#include "query/remote/remote_reader.h"
#include "query/routing/routing_reader.h"

namespace armada_cache::app {

// Its gRPC server as well.
void declare(projector::LookupServerOptions& options, base::Settings& settings);

void declare(query::RoutingOptions& routing, query::RemoteOptions& remote,
             base::Settings& settings);
base::Status check(const query::RemoteOptions& remote);

}  // namespace armada_cache::app
