#include "app/http_server.h"

#include <gmock/gmock.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace armada_cache::app {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct HttpServerTest : ::testing::Test {
  void SetUp() override {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.max_connections = 4;
    options.request_timeout = std::chrono::milliseconds(300);
    auto started = HttpServer::start(options, {[this] { return ready; }, [] { return "m 1\n"; }});
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  asio::ip::tcp::socket connect() {
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), server->port()});
    return socket;
  }

  // Sends the bytes and reads until the server closes.
  std::string exchange(const std::string& bytes) {
    auto socket = connect();
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }
  std::string get(const std::string& target) {
    return exchange("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  base::Status ready;
  std::unique_ptr<HttpServer> server;
  asio::io_context context;
};

TEST_F(HttpServerTest, AnswersLiveReadyAndMetrics) {
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/metrics"), HasSubstr("m 1\n"));
  EXPECT_THAT(get("/other"), StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpServerTest, SaysWhyItIsNotReady) {
  ready = base::fail(base::ErrorCode::kUnavailable, "partition 3 is 12 records behind");
  const std::string answer = get("/readyz");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("partition 3 is 12 records behind"));
}

TEST_F(HttpServerTest, RefusesOtherMethods) {
  EXPECT_THAT(exchange("POST /livez HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 405"));
}

TEST_F(HttpServerTest, GarbageAndOversizedRequestsCloseTheConnectionOnly) {
  exchange("\x16\x03\x01 not http at all\r\n\r\n");
  exchange("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n");
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ASilentConnectionIsClosedAndMakesRoom) {
  std::vector<asio::ip::tcp::socket> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(connect());
  for (auto& socket : silent) {
    char byte = 0;
    boost::system::error_code error;
    asio::read(socket, asio::buffer(&byte, 1), error);
    EXPECT_TRUE(error) << "the server must close it";
  }
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServerStart, AnAddressInUseOrWrongIsAClearError) {
  const HttpHandlers handlers{[] { return base::Status(); }, [] { return std::string(); }};
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  auto first = HttpServer::start(options, handlers);
  ASSERT_TRUE(first);
  options.listen = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = HttpServer::start(options, handlers);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(options.listen));
  options.listen = "nonsense";
  EXPECT_FALSE(HttpServer::start(options, handlers));
}

}  // namespace
}  // namespace armada_cache::app
