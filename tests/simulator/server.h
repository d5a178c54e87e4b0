// The simulated Armada's gRPC server, which can go away and come back.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "tests/simulator/event_service.h"
#include "tests/simulator/jobs_service.h"
#include "tests/simulator/submit_service.h"

namespace grpc {
class Server;
}

namespace armada_cache::simulator {

// Thread-safe. World, engine and timers must outlive it.
class Server {
 public:
  Server(World& world, Engine& engine, Timers& timers);
  ~Server();

  // Listens on the address of the options, or, once it has listened, on the same port as before.
  // Returns HOST:PORT. kUnavailable if the address cannot be had.
  base::Result<std::string> start();
  // Ends every stream with UNAVAILABLE, and then the listener.
  void stop();
  // Ends every stream with UNAVAILABLE.
  void disconnect_all();

 private:
  World& world_;
  EventService events_;
  SubmitService submit_;
  JobsService jobs_;
  std::mutex mutex_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace armada_cache::simulator
