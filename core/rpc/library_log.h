// The lines that gRPC and Protobuf write of themselves go into the process's log.
#pragma once

namespace armada_cache::rpc {

// To be called once, before either library is used. Their errors become warnings, since they are
// mostly what clients do wrong; the rest is for debugging. What a line says is cut to 256 bytes,
// and of many lines some are left out and counted: a client can provoke as many as it likes.
void take_over_library_logs();

}  // namespace armada_cache::rpc
