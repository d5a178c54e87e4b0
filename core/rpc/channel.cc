#include "core/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "core/base/address.h"
#include "core/rpc/pem.h"

namespace armada_cache::rpc {
namespace {

using base::ErrorCode;
using base::fail;

constexpr const char* kSystemCaFile = "/etc/ssl/certs/ca-certificates.crt";
constexpr int kIdentityOnly = 1;  // bit 0 of gRPC's set of compression algorithms

bool stays_on_this_machine(const std::string& target) {
  if (target.starts_with("unix:")) return true;
  const auto address = base::parse_address(target);
  return address && base::is_loopback(address->host);
}

int to_int(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

grpc::ChannelArguments arguments(const ChannelOptions& options, int spread) {
  grpc::ChannelArguments args;
  args.SetInt("armada_cache.spread", spread);
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  args.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  args.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, static_cast<int>(options.stream_window_bytes));
  args.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, kIdentityOnly);
  args.SetMaxReceiveMessageSize(static_cast<int>(options.max_receive_bytes));
  args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, to_int(options.connect_timeout));
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, to_int(options.max_reconnect_backoff));
  if (options.keepalive_time.count() > 0) {
    args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, to_int(options.keepalive_time));
    args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, to_int(options.keepalive_timeout));
    args.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  }
  return args;
}

base::Result<std::shared_ptr<grpc::ChannelCredentials>> transport(const ChannelOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  const std::filesystem::path path = options.ca_file.empty() ? kSystemCaFile : options.ca_file;
  auto certificates = read_certificates("the CAs for " + options.target + " are to be in", path);
  if (!certificates) return tl::unexpected(certificates.error());
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = *std::move(certificates);
  return grpc::SslCredentials(ssl);
}

}  // namespace

base::Status check(const ChannelOptions& options, const Credentials& credentials) {
  if (options.target.empty()) {
    return fail(ErrorCode::kInvalidArgument, "no server address given: expected host:port");
  }
  if (!options.tls && !options.ca_file.empty()) {
    return fail(ErrorCode::kInvalidArgument, "a CA file is given for " + options.target +
                                                 ", but TLS is off: switch TLS on or leave the" +
                                                 " file out");
  }
  const bool has_credentials = credentials.kind != CredentialKind::kNone;
  if (has_credentials && !options.tls && !options.allow_plaintext_credentials &&
      !stays_on_this_machine(options.target)) {
    return fail(ErrorCode::kInvalidArgument,
                "credentials would travel to " + options.target +
                    " without TLS: switch TLS on, or allow plaintext credentials explicitly");
  }
  return {};
}

base::Result<std::shared_ptr<grpc::Channel>> make_channel(const ChannelOptions& options,
                                                          int spread) {
  auto credentials = transport(options);
  if (!credentials) return tl::unexpected(credentials.error());
  return grpc::CreateCustomChannel(options.target, *credentials, arguments(options, spread));
}

}  // namespace armada_cache::rpc
