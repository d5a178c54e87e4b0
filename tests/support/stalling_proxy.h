// A TCP proxy that can fall silent without closing anything, as a broken network does.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace armada_cache::test_support {

class StallingProxy {
 public:
  // `target` is "127.0.0.1:port".
  explicit StallingProxy(const std::string& target);
  ~StallingProxy();

  std::string address() const;
  // Connections there are now carry nothing more; new ones work.
  void stall() { ++epoch_; }
  // Until recover(), new ones are accepted and carry nothing either.
  void fall_silent() {
    silent_ = true;
    stall();
  }
  void recover() { silent_ = false; }

 private:
  struct Connection;
  void accept();
  void carry(const std::shared_ptr<Connection>& connection);
  void pump(std::shared_ptr<Connection> connection, bool upstream);

  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint target_;
  std::atomic<int> epoch_ = 0;
  std::atomic<bool> silent_ = false;
  std::vector<std::shared_ptr<Connection>> stalled_;  // open until the proxy goes
  std::thread thread_;
};

}  // namespace armada_cache::test_support
