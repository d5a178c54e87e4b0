// The way in to a gRPC server of ours: an accept loop that lets in so many connections at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/metrics.h"

namespace grpc::experimental {
class ExternalConnectionAcceptor;
}

namespace armada_cache::rpc {

struct ListenerOptions {
  // Of all clients together; more are closed at once. Must lie well below RLIMIT_NOFILE.
  std::size_t max_connections = 10'000;
  // At the limit: how often it is looked who has gone, and told that others are turned away.
  std::chrono::milliseconds recount_interval{10};
  std::chrono::milliseconds report_interval = std::chrono::seconds(10);
  // A recount that takes long, as there are many to look at, is followed by so many times its time.
  int recount_share = 20;
  int taken_at_once = 64;
  std::chrono::milliseconds pause_after_error{100};  // such as too many open files
};

// Runs on one thread of its own. Not for use from several threads.
class Listener {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  // Binds "HOST:PORT", port 0 for any, or "unix:PATH"; who connects waits until start().
  // kInvalidArgument: no such address; kFailedPrecondition: it cannot be listened on.
  static base::Result<std::unique_ptr<Listener>> open(const std::string& listen,
                                                      const ListenerOptions& options,
                                                      base::Metrics& metrics);
  ~Listener();  // stops

  // As it was bound.
  const std::string& address() const;

  // Before start(): who takes the connections.
  void deliver_to(std::unique_ptr<Acceptor> acceptor);
  // Once the server runs.
  void start();
  // Listens no more; who is connected stays so. To be called before the server is told to let its
  // clients go or to shut down. May be called twice.
  void stop();

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::rpc
