#include "core/rpc/listener.h"

#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/base/log.h"
#include "core/rpc/bind.h"
#include "core/rpc/open_sockets.h"

namespace armada_cache::rpc {
namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

bool passes(int accept_error) {
  return accept_error == EINTR || accept_error == ECONNABORTED || accept_error == EPROTO;
}

}  // namespace

class Listener::Impl {
 public:
  Impl(const ListenerOptions& options, base::Metrics& metrics)
      : options_(options),
        connections_(metrics.counter("grpc_connections_total",
                                     "Connections of clients, by what became of them")),
        accepted_(connections_.Add({{"outcome", "accepted"}})),
        refused_(connections_.Add({{"outcome", "refused"}})),
        failed_(connections_.Add({{"outcome", "failed"}})) {}

  ~Impl() { stop(); }

  base::Status bind(const std::string& listen) {
    auto bound = bind_to(listen, context_);
    if (!bound) return tl::unexpected(bound.error());
    bound_ = *std::move(bound);
    return {};
  }

  void deliver_to(std::unique_ptr<Acceptor> acceptor) { acceptor_ = std::move(acceptor); }
  const std::string& address() const { return bound_.address; }

  void start() {
    for (ListeningSocket& socket : bound_.sockets) wait(socket);
    thread_ = std::thread([this] { context_.run(); });
  }

  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    if (!bound_.sockets.empty() && bound_.file) remove_own(*bound_.file);
    bound_.sockets.clear();
  }

 private:
  void wait(ListeningSocket& socket) {
    socket.async_wait(ListeningSocket::wait_read, [this, &socket](auto error) {
      if (!error) accept(socket);
    });
  }

  void accept(ListeningSocket& from) {
    for (int taken = 0; taken < options_.taken_at_once; ++taken) {
      const int socket =
          accept4(from.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        take(socket);
      } else if (errno == EAGAIN) {
        return wait(from);
      } else if (!passes(errno)) {
        return pause(from, errno);
      }
    }
    // However many come, it must be possible to stop.
    asio::post(context_, [this, &from] { accept(from); });
  }

  void take(int socket) {
    if (!has_room()) {
      close(socket);
      refused_.Increment();
      return report("a connection is refused: as many are open as may be");
    }
    const int on = 1;  // without effect on a Unix socket
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_.add(socket);
    accepted_.Increment();
    Acceptor::NewConnectionParameters connection;
    connection.fd = socket;
    acceptor_->HandleNewConnection(&connection);
  }

  bool has_room() {
    if (open_.at_most() < options_.max_connections) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_recount_) return false;
    open_.recount();
    const auto counted = std::chrono::steady_clock::now();
    next_recount_ =
        counted + std::max<SteadyTime::duration>(options_.recount_interval,
                                                 options_.recount_share * (counted - now));
    return open_.at_most() < options_.max_connections;
  }

  // Such as too many open files: it passes, and must not spin meanwhile.
  void pause(ListeningSocket& socket, int error) {
    failed_.Increment();
    report(std::strerror(error));
    auto timer = std::make_shared<asio::steady_timer>(context_, options_.pause_after_error);
    timer->async_wait([this, &socket, timer](auto) { wait(socket); });
  }

  void report(const char* why) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_report_) return;
    next_report_ = now + options_.report_interval;
    base::log_warn(
        "clients cannot connect",
        {{"address", bound_.address}, {"why", why}, {"max_connections", options_.max_connections}});
  }

  const ListenerOptions options_;
  base::Metrics::CounterFamily& connections_;
  prometheus::Counter& accepted_;
  prometheus::Counter& refused_;
  prometheus::Counter& failed_;
  asio::io_context context_{1};
  Bound bound_;
  std::unique_ptr<Acceptor> acceptor_;
  OpenSockets open_;
  SteadyTime next_recount_;
  SteadyTime next_report_;
  std::thread thread_;
};

base::Result<std::unique_ptr<Listener>> Listener::open(const std::string& listen,
                                                       const ListenerOptions& options,
                                                       base::Metrics& metrics) {
  auto impl = std::make_unique<Impl>(options, metrics);
  if (auto bound = impl->bind(listen); !bound) return tl::unexpected(bound.error());
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

const std::string& Listener::address() const {
  return impl_->address();
}
void Listener::deliver_to(std::unique_ptr<Acceptor> acceptor) {
  impl_->deliver_to(std::move(acceptor));
}
void Listener::start() {
  impl_->start();
}
void Listener::stop() {
  impl_->stop();
}

}  // namespace armada_cache::rpc
