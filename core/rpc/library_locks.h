// How careful gRPC's locks are.
#pragma once

namespace armada_cache::rpc {

// To be called once, before gRPC is used. Debian builds Abseil with its search for deadlocks, which
// notes the order of each lock that gRPC takes.
void spare_library_lock_checks();

}  // namespace armada_cache::rpc
