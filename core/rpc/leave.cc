#include "core/rpc/leave.h"

#include <dlfcn.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server.h>

#include <chrono>
#include <future>

namespace armada_cache::rpc {
namespace {

// gRPC's core has a graceful GOAWAY, but its C++ API shuts the server down in the same breath.
// These are members of grpc_core::Server without arguments, as Debian 12 and 13 export them: on
// Linux such a member is called like a function that takes the object.
using Member = void (*)(grpc_server*);

Member member(const char* exported_name) {
  return reinterpret_cast<Member>(dlsym(RTLD_DEFAULT, exported_name));
}
Member stop_listening() {
  return member("_ZN9grpc_core6Server13StopListeningEv");
}
Member send_goaways() {
  return member("_ZN9grpc_core6Server11SendGoawaysEv");
}

}  // namespace

bool can_ask_clients_to_leave(std::string_view version) {
  return version.starts_with("1.51.") && stop_listening() != nullptr && send_goaways() != nullptr;
}

bool ask_clients_to_leave(grpc::Server& server) {
  if (!can_ask_clients_to_leave(grpc::Version())) return false;
  // Core wants to be called from a thread of its own, such as the one that an alarm rings on.
  std::promise<void> done;
  grpc::Alarm alarm;
  alarm.Set(std::chrono::system_clock::now(), [&](bool) {
    stop_listening()(server.c_server());
    send_goaways()(server.c_server());
    done.set_value();
  });
  done.get_future().wait();
  return true;
}

}  // namespace armada_cache::rpc
