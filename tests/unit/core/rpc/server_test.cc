// A server with our limits, as a client meets it.
#include "core/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "grpc/health/v1/health.grpc.pb.h"
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
    auto set = configure(builder, settings_, &port_);
    if (set) server_ = builder.BuildAndStart();
    return set;
  }

  grpc::Status check(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                     const std::string& metadata = "") {
    const auto stub =
        Health::NewStub(grpc::CreateChannel("localhost:" + std::to_string(port_), credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!metadata.empty()) context.AddMetadata("much", metadata);
    HealthCheckResponse response;
    return stub->Check(&context, {}, &response);
  }

  ServerSettings settings_;
  Answering service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServerSettingsTest, ServesPlaintext) {
  ASSERT_TRUE(start());
  const grpc::Status status = check(grpc::InsecureChannelCredentials());
  EXPECT_TRUE(status.ok()) << status.error_message();
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
