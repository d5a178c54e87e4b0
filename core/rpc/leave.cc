#include "core/rpc/leave.h"

#include <grpcpp/alarm.h>
#include <grpcpp/server.h>

#include <chrono>
#include <future>

// gRPC's core has a graceful GOAWAY, but its C++ API shuts the server down in the same breath.
// These are the members StopListening and SendGoaways of grpc_core::Server, as Debian 12 and 13
// (gRPC 1.51) export them; weak, so that another gRPC only does without.
extern "C" {
[[gnu::weak]] void grpc_core_server_stop_listening(grpc_server* server) asm(
    "_ZN9grpc_core6Server13StopListeningEv");
[[gnu::weak]] void grpc_core_server_send_goaways(grpc_server* server) asm(
    "_ZN9grpc_core6Server11SendGoawaysEv");
}

namespace armada_cache::rpc {

bool ask_clients_to_leave(grpc::Server& server) {
  if (grpc_core_server_stop_listening == nullptr || grpc_core_server_send_goaways == nullptr) {
    return false;
  }
  // Core wants to be called from a thread of its own, such as the one that an alarm rings on.
  std::promise<void> done;
  grpc::Alarm alarm;
  alarm.Set(std::chrono::system_clock::now(), [&](bool) {
    grpc_core_server_stop_listening(server.c_server());
    grpc_core_server_send_goaways(server.c_server());
    done.set_value();
  });
  done.get_future().wait();
  return true;
}

}  // namespace armada_cache::rpc
