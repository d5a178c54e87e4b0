// How a server lets its clients go before it is shut down.
#pragma once

namespace grpc {
class Server;
}

namespace armada_cache::rpc {

// Listens no more, and tells the clients of all connections to open no further calls there; calls
// that they had sent by then are still accepted and served. Without this, grpc::Server::Shutdown
// cancels every call that crosses its GOAWAY on the wire. False where the gRPC that the program
// runs with offers no such thing. To be called once, before Shutdown.
bool ask_clients_to_leave(grpc::Server& server);

}  // namespace armada_cache::rpc
