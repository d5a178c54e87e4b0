#include "tests/support/http_get.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <sstream>

#include "core/base/address.h"

namespace armada_cache::test_support {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::chrono::seconds kDeadline{10};

struct Exchange {
  asio::io_context context{1};
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::string_body> response;
  std::optional<beast::error_code> outcome;

  void finish(beast::error_code error) { outcome = error; }
  void read() {
    http::async_read(stream, buffer, response,
                     [this](beast::error_code error, std::size_t) { finish(error); });
  }
  void write() {
    http::async_write(stream, request, [this](beast::error_code error, std::size_t) {
      return error ? finish(error) : read();
    });
  }
  void run(const asio::ip::tcp::endpoint& to) {
    stream.expires_after(kDeadline);
    stream.async_connect(
        to, [this](beast::error_code error) { return error ? finish(error) : write(); });
    context.run();
  }
};

template <typename Visit>
void for_each_sample(const std::string& scrape, Visit visit) {
  std::istringstream lines(scrape);
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    visit(line.substr(0, space), std::stod(line.substr(space + 1)));
  }
}

}  // namespace

HttpAnswer http_get(const std::string& address, const std::string& target) {
  const auto parsed = base::parse_address(address);
  if (!parsed) return {0, parsed.error().message};
  Exchange exchange;
  exchange.request = {http::verb::get, target, 11};
  exchange.request.set(http::field::host, address);
  exchange.request.keep_alive(false);
  exchange.run({asio::ip::make_address(parsed->host), parsed->port});
  if (!exchange.outcome || *exchange.outcome) {
    return {0, exchange.outcome ? exchange.outcome->message() : "no answer"};
  }
  return {static_cast<int>(exchange.response.result_int()), exchange.response.body()};
}

double metric(const std::string& scrape, const std::string& name) {
  double found = -1;
  for_each_sample(scrape, [&](const std::string& sample, double value) {
    if (sample == name) found = value;
  });
  return found;
}

double metric_sum(const std::string& scrape, const std::string& name) {
  double sum = 0;
  for_each_sample(scrape, [&](const std::string& sample, double value) {
    if (sample == name || sample.starts_with(name + "{")) sum += value;
  });
  return sum;
}

}  // namespace armada_cache::test_support
