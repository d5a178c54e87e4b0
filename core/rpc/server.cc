#include "core/rpc/server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <limits>

#include "core/rpc/pem.h"

namespace armada_cache::rpc {
namespace {

using base::ErrorCode;

base::Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const ServerSettings& settings) {
  if (settings.tls_certificate_file.empty() && settings.tls_key_file.empty()) {
    return grpc::InsecureServerCredentials();
  }
  if (settings.tls_certificate_file.empty() || settings.tls_key_file.empty()) {
    return base::fail(ErrorCode::kInvalidArgument,
                      "TLS needs both a certificate file and a key file; only one is set");
  }
  auto pair = read_key_pair(settings.tls_certificate_file, settings.tls_key_file);
  if (!pair) return tl::unexpected(pair.error());
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({std::move(pair->key), std::move(pair->certificates)});
  return grpc::SslServerCredentials(options);
}

int as_int(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count > std::numeric_limits<int>::max() ? std::numeric_limits<int>::max()
                                                 : static_cast<int>(count);
}

void set_limits(grpc::ServerBuilder& builder, const ServerSettings& settings) {
  builder.SetMaxReceiveMessageSize(settings.max_receive_bytes);
  builder.SetMaxSendMessageSize(settings.max_send_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, settings.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             as_int(settings.min_client_ping_interval));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, settings.max_ping_strikes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, as_int(settings.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, as_int(settings.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, as_int(settings.max_connection_idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, as_int(settings.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             as_int(settings.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             as_int(settings.handshake_timeout));
  grpc::ResourceQuota quota("server");
  quota.Resize(settings.memory_bytes);
  builder.SetResourceQuota(quota);
}

}  // namespace

base::Result<std::unique_ptr<Listener>> configure(grpc::ServerBuilder& builder,
                                                  const ServerSettings& settings,
                                                  base::Metrics& metrics) {
  const auto with = credentials(settings);
  if (!with) return tl::unexpected(with.error());
  auto listener = Listener::open(settings.listen, settings.connections, metrics);
  if (!listener) return listener;
  set_limits(builder, settings);
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  (*listener)->deliver_to(
      builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, *with));
  return listener;
}

}  // namespace armada_cache::rpc
