// Channels to other servers: TLS, keepalive and bounds, set up in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/rpc/authorization.h"

namespace grpc {
class Channel;
}

namespace armada_cache::rpc {

struct ChannelOptions {
  std::string target{};  // "host:port"
  bool tls = false;
  // PEM bundle that the server's certificate is checked against; empty: the system's own.
  std::filesystem::path ca_file{};
  // Credentials go over a connection without TLS only to this machine itself, or when this is set.
  bool allow_plaintext_credentials = false;

  // While calls are in flight a ping each `keepalive_time`; the connection counts as dead when the
  // answer takes longer than `keepalive_timeout`. 0: never.
  std::chrono::milliseconds keepalive_time = std::chrono::seconds(30);
  std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds max_reconnect_backoff = std::chrono::seconds(5);

  std::size_t max_receive_bytes = std::size_t{16} << 20;
  // What HTTP/2 may hold of one stream before it is read; does not grow by itself.
  std::size_t stream_window_bytes = std::size_t{256} << 10;
};

// kInvalidArgument: the options contradict each other, or the credentials would travel unprotected.
// The message names what to change.
base::Status check(const ChannelOptions& options, const Credentials& credentials);

// Connects lazily. Channels with different `spread` never share a connection. kInvalidArgument: the
// CA file cannot be read.
base::Result<std::shared_ptr<grpc::Channel>> make_channel(const ChannelOptions& options,
                                                          int spread = 0);

}  // namespace armada_cache::rpc
