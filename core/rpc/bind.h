// Sockets that listen.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::rpc {

using ListeningSocket = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

struct Bound {
  std::vector<ListeningSocket> sockets;  // one for each address of the host
  std::string address;                   // with the port that was bound in place of a 0
};

// "HOST:PORT" or "unix:PATH". kInvalidArgument: it is neither; kUnavailable: it cannot be bound.
base::Result<Bound> bind_to(const std::string& listen, boost::asio::io_context& context);

}  // namespace armada_cache::rpc
