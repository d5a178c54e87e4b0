// Sockets that listen.
#pragma once

#include <sys/types.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::rpc {

using ListeningSocket = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

// A Unix socket's file, by what stays with it: the path may be another's by and by.
struct SocketFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
};

struct Bound {
  std::vector<ListeningSocket> sockets;  // one for each address of the host
  std::string address;                   // with the port that was bound in place of a 0
  std::optional<SocketFile> file;        // of a Unix socket
};

// "HOST:PORT" or "unix:PATH". kInvalidArgument: it is neither; kFailedPrecondition: it cannot be
// bound.
base::Result<Bound> bind_to(const std::string& listen, boost::asio::io_context& context);
// Unless another has taken its place. Before the socket is closed: then nobody else can have the
// inode.
void remove_own(const SocketFile& file);

}  // namespace armada_cache::rpc
