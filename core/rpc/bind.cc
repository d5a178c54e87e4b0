#include "core/rpc/bind.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>
#include <set>

#include "core/base/address.h"

namespace armada_cache::rpc {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

// A free port of the host's first address may be taken on the next one.
constexpr int kTriesForAnyPort = 16;

base::Error cannot(const std::string& listen, const Error& why) {
  return {base::ErrorCode::kFailedPrecondition,
          "cannot listen on " + listen + ": " + why.message() +
              "; the address must be this machine's and the port free"};
}

Error listen_on(ListeningSocket& socket, const asio::generic::stream_protocol::endpoint& at) {
  Error error;
  socket.open(at.protocol(), error);
  if (error) return error;
  const bool internet = at.protocol().family() != AF_UNIX;
  if (internet) socket.set_option(asio::socket_base::reuse_address(true), error);
  if (at.protocol().family() == AF_INET6) socket.set_option(asio::ip::v6_only(false), error);
  socket.bind(at, error);
  if (!error) socket.listen(asio::socket_base::max_listen_connections, error);
  if (!error) socket.native_non_blocking(true, error);
  return error;
}

std::uint16_t port_of(const ListeningSocket& socket) {
  const auto generic = socket.local_endpoint();
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), generic.data(), generic.size());
  return endpoint.port();
}

Error listen_on_all(const std::set<asio::ip::address>& hosts, std::uint16_t port,
                    asio::io_context& context, std::vector<ListeningSocket>& sockets) {
  Error last;
  for (const asio::ip::address& host : hosts) {
    ListeningSocket socket(context);
    const Error error = listen_on(socket, tcp::endpoint(host, port));
    if (error == asio::error::address_in_use) return error;
    last = error;
    if (error) continue;  // such as IPv6 where there is none
    if (port == 0) port = port_of(socket);
    sockets.push_back(std::move(socket));
  }
  return sockets.empty() ? last : Error();
}

base::Result<Bound> bind_tcp(const std::string& listen, asio::io_context& context) {
  const auto address = base::parse_address(listen);
  if (!address) return tl::unexpected(address.error());
  Error error;
  const auto found = tcp::resolver(context).resolve(address->host, "", error);
  if (error) return tl::unexpected(cannot(listen, error));
  std::set<asio::ip::address> hosts;
  for (const auto& entry : found) hosts.insert(entry.endpoint().address());
  Bound bound;
  for (int tries = address->port == 0 ? kTriesForAnyPort : 1; tries > 0; --tries) {
    bound.sockets.clear();
    error = listen_on_all(hosts, address->port, context, bound.sockets);
    if (error != asio::error::address_in_use) break;
  }
  if (error) return tl::unexpected(cannot(listen, error));
  bound.address =
      listen.substr(0, listen.rfind(':') + 1) + std::to_string(port_of(bound.sockets.front()));
  return bound;
}

std::optional<SocketFile> socket_at(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return std::nullopt;
  return SocketFile{path, about.st_dev, about.st_ino};
}

// A socket that a dead process left behind is in nobody's use: one that lives cannot be told apart,
// so that whoever starts last has it, as is the custom.
void remove_socket(const std::string& path) {
  if (socket_at(path)) unlink(path.c_str());
}

base::Result<Bound> bind_unix(const std::string& listen, asio::io_context& context) {
  const std::string path = listen.substr(listen.find(':') + 1);
  remove_socket(path);
  Bound bound;
  bound.address = listen;
  bound.sockets.emplace_back(context);
  try {
    const asio::local::stream_protocol::endpoint endpoint(path);
    const Error error = listen_on(bound.sockets.front(), endpoint);
    if (error) return tl::unexpected(cannot(listen, error));
  } catch (const boost::system::system_error& error) {  // a path that is too long
    return tl::unexpected(cannot(listen, error.code()));
  }
  bound.file = socket_at(path);
  return bound;
}

}  // namespace

base::Result<Bound> bind_to(const std::string& listen, asio::io_context& context) {
  return listen.starts_with("unix:") ? bind_unix(listen, context) : bind_tcp(listen, context);
}

void remove_own(const SocketFile& file) {
  const auto there = socket_at(file.path);
  if (there && there->device == file.device && there->inode == file.inode) {
    unlink(file.path.c_str());
  }
}

}  // namespace armada_cache::rpc
