#include "core/rpc/channel.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace armada_cache::rpc {
namespace {

TEST(ChannelTest, CredentialsNeedTlsOrThisMachineOrAnExplicitWord) {
  const Credentials token{CredentialKind::kBearer, "", "file"};
  ChannelOptions options{.target = "armada.example:443"};
  EXPECT_TRUE(check(options, {}).has_value());
  EXPECT_FALSE(check(options, token).has_value());
  options.allow_plaintext_credentials = true;
  EXPECT_TRUE(check(options, token).has_value());
  options = {.target = "armada.example:443", .tls = true};
  EXPECT_TRUE(check(options, token).has_value());
  for (const auto* target : {"localhost:1", "127.0.0.1:1", "[::1]:1"}) {
    EXPECT_TRUE(check({.target = target}, token).has_value()) << target;
  }
  for (const auto* target : {"127.evil.example:1", "localhost.example:1"}) {
    EXPECT_FALSE(check({.target = target}, token).has_value()) << target;
  }
}

TEST(ChannelTest, OptionsThatContradictAreRefused) {
  EXPECT_FALSE(check({}, {}).has_value());
  EXPECT_FALSE(check({.target = "a:1", .ca_file = "/x"}, {}).has_value());
  const auto channel = make_channel({.target = "a:1", .tls = true, .ca_file = "/nosuch.pem"});
  ASSERT_FALSE(channel.has_value());
  EXPECT_NE(channel.error().message.find("/nosuch.pem"), std::string::npos);
}

std::string contents(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ChannelTest, TrustsOnlyTheGivenAuthority) {
  const std::string folder = std::string(TEST_DATA_DIR) + "/tls/";
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back(
      {contents(folder + "server.key"), contents(folder + "server.pem")});
  int port = 0;
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  const auto server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);

  const auto connects = [&](ChannelOptions options, std::chrono::seconds within) {
    options.target = "127.0.0.1:" + std::to_string(port);
    options.tls = true;
    const auto channel = make_channel(options);
    return channel && (*channel)->WaitForConnected(std::chrono::system_clock::now() + within);
  };
  EXPECT_TRUE(connects({.ca_file = folder + "server.pem"}, std::chrono::seconds(20)));
  EXPECT_FALSE(connects({}, std::chrono::seconds(1)));
  server->Shutdown();
  queue->Shutdown();
}

}  // namespace
}  // namespace armada_cache::rpc
