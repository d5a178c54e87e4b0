#include "app/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <thread>

#include "core/base/address.h"

namespace armada_cache::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Response = http::response<http::string_body>;

constexpr std::uint64_t kMaxRequestBytes = 8192;

Response answer(const http::request<http::string_body>& request, const HttpHandlers& handlers) {
  Response response{http::status::ok, request.version()};
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.keep_alive(request.keep_alive());
  const auto path = request.target().substr(0, request.target().find('?'));
  if (request.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET");
    response.body() = "only GET is answered here\n";
  } else if (path == "/livez") {
    response.body() = "ok\n";
  } else if (path == "/readyz") {
    const base::Status ready = handlers.ready();
    if (!ready) response.result(http::status::service_unavailable);
    response.body() = ready ? "ok\n" : ready.error().message + "\n";
  } else if (path == "/metrics") {
    response.set(http::field::content_type, "text/plain; version=0.0.4");
    response.body() = handlers.metrics();
  } else {
    response.result(http::status::not_found);
    response.body() = "there are /livez, /readyz and /metrics\n";
  }
  response.prepare_payload();
  return response;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpHandlers& handlers, std::chrono::milliseconds timeout,
             std::shared_ptr<void> slot)
      : stream_(std::move(socket)),
        handlers_(handlers),
        timeout_(timeout),
        slot_(std::move(slot)) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxRequestBytes);
    parser_->body_limit(kMaxRequestBytes);
    stream_.expires_after(timeout_);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = answer(parser_->get(), handlers_);
    stream_.expires_after(timeout_);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  beast::tcp_stream stream_;
  const HttpHandlers& handlers_;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<void> slot_;
  beast::flat_buffer buffer_{kMaxRequestBytes * 2};
  std::optional<http::request_parser<http::string_body>> parser_;
  Response response_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandlers handlers)
      : options_(std::move(options)), handlers_(std::move(handlers)), acceptor_(context_) {}

  ~Impl() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  base::Status listen(const base::Address& address) {
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
    } catch (const boost::system::system_error& error) {
      return base::fail(base::ErrorCode::kUnavailable,
                        "cannot listen for HTTP on " + options_.listen + ": " +
                            error.code().message() + " (setting http-listen)");
    }
    accept();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return retry_accept();
      if (connections_ < options_.max_connections) {
        ++connections_;
        const std::shared_ptr<void> slot(nullptr, [this](void*) { --connections_; });
        std::make_shared<Connection>(std::move(socket), handlers_, options_.request_timeout, slot)
            ->read();
      }
      accept();
    });
  }

  // Such as too many open files: it passes, and must not spin meanwhile.
  void retry_accept() {
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }

  HttpServerOptions options_;
  HttpHandlers handlers_;
  std::size_t connections_ = 0;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer retry_{context_};
  std::thread thread_;
};

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                            HttpHandlers handlers) {
  const auto address = base::parse_address(options.listen);
  if (!address) return tl::unexpected(address.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handlers));
  if (auto listening = impl->listen(*address); !listening) {
    return tl::unexpected(listening.error());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace armada_cache::app
