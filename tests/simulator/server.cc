#include "tests/simulator/server.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace armada_cache::simulator {
namespace {

constexpr int kMostRequestBytes = 64 << 20;
constexpr std::chrono::seconds kStopLimit{5};

}  // namespace

Server::Server(World& world, Engine& engine, Timers& timers)
    : world_(world), events_(world, timers), submit_(world, engine), jobs_(world) {
  address_ = world.options().listen;
}

Server::~Server() {
  stop();
}

base::Result<std::string> Server::start() {
  const std::lock_guard lock(mutex_);
  if (server_) return address_;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address_, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(world_.options().min_client_ping.count()));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.SetMaxReceiveMessageSize(kMostRequestBytes);
  builder.RegisterService(&events_);
  builder.RegisterService(&submit_);
  builder.RegisterService(&jobs_);
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0) {
    server_.reset();
    return base::fail(base::ErrorCode::kUnavailable,
                      "cannot listen on " + address_ + "; is it of this machine, and free?");
  }
  address_ = address_.substr(0, address_.rfind(':') + 1) + std::to_string(port);
  return address_;
}

void Server::stop() {
  const std::lock_guard lock(mutex_);
  if (!server_) return;
  events_.end_all({grpc::StatusCode::UNAVAILABLE, "armada-sim: the server is stopping"});
  server_->Shutdown(std::chrono::system_clock::now() + kStopLimit);
  server_->Wait();
  server_.reset();
}

void Server::disconnect_all() {
  events_.end_all({grpc::StatusCode::UNAVAILABLE, "armada-sim: the connection is lost"});
}

}  // namespace armada_cache::simulator
