#include "tests/support/stalling_proxy.h"

#include <array>
#include <boost/asio/write.hpp>

namespace armada_cache::test_support {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct StallingProxy::Connection {
  tcp::socket client;
  tcp::socket server;
  int epoch = 0;
  std::array<char, 16384> up{};
  std::array<char, 16384> down{};
};

StallingProxy::StallingProxy(const std::string& target)
    : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}),
      target_(asio::ip::make_address("127.0.0.1"),
              static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)))) {
  accept();
  thread_ = std::thread([this] { context_.run(); });
}

StallingProxy::~StallingProxy() {
  context_.stop();
  thread_.join();
  stalled_.clear();
}

std::string StallingProxy::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void StallingProxy::accept() {
  auto connection = std::make_shared<Connection>(
      Connection{tcp::socket(context_), tcp::socket(context_), epoch_, {}, {}});
  acceptor_.async_accept(connection->client, [this, connection](const error_code& error) {
    if (error) return;
    carry(connection);
    accept();
  });
}

void StallingProxy::carry(const std::shared_ptr<Connection>& connection) {
  if (silent_) return stalled_.push_back(connection);
  error_code failed;
  connection->epoch = epoch_;
  connection->server.connect(target_, failed);
  if (failed) return;
  pump(connection, true);
  pump(connection, false);
}

void StallingProxy::pump(std::shared_ptr<Connection> connection, bool upstream) {
  auto& from = upstream ? connection->client : connection->server;
  auto& buffer = upstream ? connection->up : connection->down;
  from.async_read_some(asio::buffer(buffer), [=, this](const error_code& error, std::size_t size) {
    auto& to = upstream ? connection->server : connection->client;
    const auto& bytes = upstream ? connection->up : connection->down;
    if (connection->epoch != epoch_) return stalled_.push_back(connection);
    error_code failed = error;
    if (!failed) asio::write(to, asio::buffer(bytes, size), failed);
    if (failed) {
      connection->client.close();
      connection->server.close();
      return;
    }
    pump(connection, upstream);
  });
}

}  // namespace armada_cache::test_support
