#include "tests/support/free_ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace armada_cache::test_support {
namespace {

class LoopbackSocket {
 public:
  LoopbackSocket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (descriptor_ < 0 || ::bind(descriptor_, generic, size) != 0 ||
        ::getsockname(descriptor_, generic, &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "find a free port");
    }
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackSocket() { ::close(descriptor_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::vector<std::uint16_t> free_ports(std::size_t count) {
  const std::vector<LoopbackSocket> open(count);
  std::vector<std::uint16_t> ports;
  for (const LoopbackSocket& socket : open) ports.push_back(socket.port());
  return ports;
}

}  // namespace armada_cache::test_support
