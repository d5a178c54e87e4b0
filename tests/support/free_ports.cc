#include "tests/support/free_ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <system_error>

namespace armada_cache::test_support {
namespace {

constexpr std::uint16_t kLowest = 10'000;
constexpr int kAttempts = 10'000;

class LoopbackSocket {
 public:
  explicit LoopbackSocket(std::uint16_t port)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) {
      throw std::system_error(errno, std::generic_category(), "find a free port");
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      port_ = port;
    }
  }
  ~LoopbackSocket() { ::close(descriptor_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  std::uint16_t port() const { return port_; }  // 0: it was taken

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

// The first port that the kernel gives to connections.
std::uint16_t first_of_connections() {
  std::uint16_t first = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
  if (first <= kLowest) {
    throw std::runtime_error("connections get ports from " + std::to_string(first) +
                             " on: tests need net.ipv4.ip_local_port_range to begin well above " +
                             std::to_string(kLowest));
  }
  return first;
}

}  // namespace

std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> ports(kLowest, first_of_connections() - 1);
  std::vector<std::unique_ptr<LoopbackSocket>> open;
  std::vector<std::uint16_t> free;
  for (int i = 0; i < kAttempts && free.size() < count; ++i) {
    auto socket = std::make_unique<LoopbackSocket>(ports(random));
    if (socket->port() == 0) continue;
    free.push_back(socket->port());
    open.push_back(std::move(socket));
  }
  if (free.size() < count) throw std::runtime_error("there are too few free ports");
  return free;
}

}  // namespace armada_cache::test_support
