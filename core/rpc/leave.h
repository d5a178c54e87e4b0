// How a server lets its clients go before it is shut down.
#pragma once

#include <string_view>

namespace grpc {
class Server;
}

namespace armada_cache::rpc {

// Listens no more, and tells the clients of all connections to open no further calls there; calls
// that they had sent by then are still accepted and served. Without this, grpc::Server::Shutdown
// cancels every call that crosses its GOAWAY on the wire. False, and nothing done, where the gRPC
// that the program runs with is not one that this was tested with. To be called once, before
// Shutdown.
bool ask_clients_to_leave(grpc::Server& server);

// Whether that works in this version of gRPC ("1.51.1"), as far as the program at hand can tell.
bool can_ask_clients_to_leave(std::string_view version);

}  // namespace armada_cache::rpc
