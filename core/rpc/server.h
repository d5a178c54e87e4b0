// Limits and credentials that every gRPC server of ours starts with.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/rpc/listener.h"

namespace grpc {
class ServerBuilder;
}

namespace armada_cache::rpc {

struct ServerSettings {
  std::string listen = "127.0.0.1:60003";  // HOST:PORT, port 0 for any; or unix:/path
  // PEM files; both or neither. Neither: plaintext.
  std::string tls_certificate_file{};
  std::string tls_key_file{};

  ListenerOptions connections{};
  int max_metadata_bytes = 8 * 1024;
  int max_concurrent_streams = 100;  // a connection
  int max_receive_bytes = 4 * 1024 * 1024;
  int max_send_bytes = 64 * 1024 * 1024;
  // Of all connections' buffers together; then streams are slowed and new connections refused.
  std::size_t memory_bytes = 256ULL * 1024 * 1024;

  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds max_connection_idle = std::chrono::minutes(15);
  std::chrono::milliseconds max_connection_age = std::chrono::hours(1);
  std::chrono::milliseconds max_connection_age_grace = std::chrono::minutes(1);
  // A client is asked for a sign of life after so long a silence, and given up after the time-out.
  std::chrono::milliseconds keepalive_time = std::chrono::minutes(2);
  std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(20);
  // A client that pings more often than this is disconnected after a few strikes.
  std::chrono::milliseconds min_client_ping_interval = std::chrono::seconds(10);
  int max_ping_strikes = 2;

  std::size_t max_health_watches = 128;  // of all clients; more are refused
  // A watch is ended after it, so that its client comes again.
  std::chrono::milliseconds max_health_watch_age = std::chrono::hours(1);
};

// Adds credentials and limits, and binds the address; start the listener after BuildAndStart.
// kInvalidArgument: a file that cannot be read, one without the other, or an address that is none;
// kFailedPrecondition: the address cannot be listened on.
base::Result<std::unique_ptr<Listener>> configure(grpc::ServerBuilder& builder,
                                                  const ServerSettings& settings,
                                                  base::Metrics& metrics);

}  // namespace armada_cache::rpc
