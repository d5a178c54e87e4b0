// A server with our limits, as a client meets it.
#include "core/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/address.h"
#include "core/rpc/leave.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/core/rpc/certificate.h"

namespace armada_cache::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class Answering final : public Health::Service {
  grpc::Status Check(grpc::ServerContext*, const HealthCheckRequest*,
                     HealthCheckResponse* response) override {
    response->set_status(HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  }
};

class ServerSettingsTest : public testing::Test {
 protected:
  ServerSettingsTest() { settings_.listen = "localhost:0"; }

  base::Status start() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    auto listener = configure(builder, settings_, metrics_);
    if (!listener) return tl::unexpected(listener.error());
    listener_ = *std::move(listener);
    server_ = builder.BuildAndStart();
    listener_->start();
    return {};
  }

  grpc::Status check(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                     const std::string& metadata = "") {
    return check(grpc::CreateChannel(listener_->address(), credentials), metadata);
  }

  // Of its own: channels that are alike share one.
  std::shared_ptr<grpc::Channel> new_connection() {
    grpc::ChannelArguments arguments;
    arguments.SetInt("number", ++connections_);
    return grpc::CreateCustomChannel(listener_->address(), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  static grpc::Status check(const std::shared_ptr<grpc::Channel>& channel,
                            const std::string& metadata = "") {
    const auto stub = Health::NewStub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!metadata.empty()) context.AddMetadata("much", metadata);
    HealthCheckResponse response;
    return stub->Check(&context, {}, &response);
  }

  ServerSettings settings_;
  Answering service_;
  base::Metrics metrics_;
  int connections_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;  // stops before the server
};

TEST_F(ServerSettingsTest, ServesPlaintext) {
  ASSERT_TRUE(start());
  const grpc::Status status = check(grpc::InsecureChannelCredentials());
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ServerSettingsTest, ServesAUnixSocketAndLeavesNoneBehind) {
  const test_support::TempDir folder;
  const auto path = folder.path() / "socket";
  settings_.listen = "unix:" + path.string();
  boost::asio::io_context context;
  const boost::asio::local::stream_protocol::endpoint endpoint(path.string());
  boost::asio::local::stream_protocol::acceptor(context, endpoint).close();
  ASSERT_TRUE(std::filesystem::exists(path)) << "as a process that was killed leaves it";
  ASSERT_TRUE(start());
  EXPECT_TRUE(check(grpc::InsecureChannelCredentials()).ok());
  listener_->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerSettingsTest, LeavesTheUnixSocketOfItsSuccessorAlone) {
  const test_support::TempDir directory;
  const auto path = directory.path() / "socket";
  settings_.listen = "unix:" + path.string();
  ASSERT_TRUE(start());
  auto successor = Listener::open(settings_.listen, {.max_connections = 10}, metrics_);
  ASSERT_TRUE(successor);
  listener_->stop();
  EXPECT_TRUE(std::filesystem::exists(path));
  (*successor)->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerSettingsTest, LetsInSoManyConnectionsAndAnotherWhenOneGoes) {
  settings_.connections.max_connections = 3;
  ASSERT_TRUE(start());
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (std::size_t i = 0; i < settings_.connections.max_connections; ++i) {
    channels.push_back(new_connection());
    ASSERT_TRUE(check(channels.back()).ok());
  }
  EXPECT_EQ(check(new_connection()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(check(channels.front()).ok());
  channels.pop_back();
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return check(new_connection()).ok(); }));
  EXPECT_THAT(metrics_.text(), testing::HasSubstr("connections_total{outcome=\"refused\"}"));
}

TEST_F(ServerSettingsTest, AFloodOfConnectionsIsTurnedAwayAndHarmsNobodyWhoIsIn) {
  settings_.listen = "127.0.0.1:0";
  settings_.connections.max_connections = 3;
  ASSERT_TRUE(start());
  std::vector<std::shared_ptr<grpc::Channel>> inside;
  for (std::size_t i = 0; i < settings_.connections.max_connections; ++i) {
    inside.push_back(new_connection());
    ASSERT_TRUE(check(inside.back()).ok());
  }
  const auto address = base::parse_address(listener_->address());
  const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(address->host),
                                                address->port);
  boost::asio::io_context context;
  std::vector<boost::asio::ip::tcp::socket> flood;
  for (int i = 0; i < 500; ++i) flood.emplace_back(context).connect(endpoint);
  for (const auto& channel : inside) EXPECT_TRUE(check(channel).ok());
  for (auto& socket : flood) {
    timeval patience{.tv_sec = 20, .tv_usec = 0};
    ASSERT_EQ(
        setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    char byte = 0;
    const ssize_t read = ::recv(socket.native_handle(), &byte, 1, 0);
    EXPECT_TRUE(read == 0 || errno == ECONNRESET) << read << ": " << std::strerror(errno);
  }
  EXPECT_THAT(metrics_.text(), testing::HasSubstr("connections_total{outcome=\"refused\"} 500"));
  for (const auto& channel : inside) EXPECT_TRUE(check(channel).ok());
}

TEST_F(ServerSettingsTest, ListensOnAfterItRanOutOfFiles) {
  settings_.listen = "127.0.0.1:0";
  ASSERT_TRUE(start());
  const auto address = base::parse_address(listener_->address());
  const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(address->host),
                                                address->port);
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context, endpoint.protocol());
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{1, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  socket.connect(endpoint);
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20), [&] {
    return metrics_.text().find("outcome=\"failed\"} 0") == std::string::npos;
  }));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(check(new_connection()).ok());
}

TEST_F(ServerSettingsTest, APortInUseIsAClearError) {
  ASSERT_TRUE(start());
  const auto again = Listener::open(listener_->address(), {.max_connections = 1}, metrics_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(again.error().message, testing::HasSubstr(listener_->address()));
}

TEST_F(ServerSettingsTest, ServesTls) {
  const test_support::TempDir folder;
  settings_.tls_certificate_file = folder.path() / "certificate.pem";
  settings_.tls_key_file = folder.path() / "key.pem";
  make_certificate(settings_.tls_certificate_file, settings_.tls_key_file);
  ASSERT_TRUE(start());
  std::ifstream file(settings_.tls_certificate_file);
  grpc::SslCredentialsOptions trust;
  trust.pem_root_certs = {std::istreambuf_iterator<char>(file), {}};
  const grpc::Status status = check(grpc::SslCredentials(trust));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(check(grpc::InsecureChannelCredentials()).ok());
}

TEST_F(ServerSettingsTest, RefusesTooMuchMetadata) {
  ASSERT_TRUE(start());
  EXPECT_TRUE(check(grpc::InsecureChannelCredentials(), std::string(4'000, 'x')).ok());
  EXPECT_EQ(check(grpc::InsecureChannelCredentials(), std::string(20'000, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(Leave, IsOnlyForTheGrpcThatItWasTestedWith) {
  EXPECT_EQ(can_ask_clients_to_leave(grpc::Version()), grpc::Version().starts_with("1.51."));
  for (const char* other : {"1.50.1", "1.52.0", "1.510.0", "2.51.0", ""}) {
    EXPECT_FALSE(can_ask_clients_to_leave(other)) << other;
  }
}

TEST_F(ServerSettingsTest, WrongSettingsAreNamed) {
  settings_.tls_key_file = "/nosuch/key.pem";
  EXPECT_THAT(start().error().message, testing::HasSubstr("certificate"));
  settings_.tls_certificate_file = "/nosuch/certificate.pem";
  EXPECT_THAT(start().error().message, testing::HasSubstr("/nosuch/certificate.pem"));
  settings_ = {};
  settings_.listen = "no address";
  EXPECT_EQ(start().error().code, base::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace armada_cache::rpc
