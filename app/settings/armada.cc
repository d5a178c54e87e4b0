#include "app/settings/armada.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {

void declare(rpc::ChannelOptions& armada, ArmadaCredentials& credentials,
             base::Settings& settings) {
  settings.section("What it is");
  settings.add("armada", armada.target, "HOST:PORT of Armada's gRPC API. Must be set.");
  settings.section("How to reach Armada");
  settings.add("armada-tls", armada.tls, "Whether the connection is encrypted.");
  settings.add("armada-ca-file", armada.ca_file,
               "PEM file of the CAs to trust; empty: the system's.");
  settings.add("armada-user", credentials.user,
               "User name for basic credentials, with armada-password-file.");
  settings.add("armada-password-file", credentials.password_file,
               "File that holds the password of armada-user.");
  settings.add("armada-token-file", credentials.token_file,
               "File that holds a bearer token; read again when it changes.");
  settings.add("armada-plaintext-credentials", armada.allow_plaintext_credentials,
               "Whether credentials may leave this machine without encryption.");
  settings.add_bytes("armada-max-message-bytes", armada.max_receive_bytes, {1 << 20, 1LL << 30},
                     "Largest event taken from Armada.");
  settings.add("armada-keepalive-time", armada.keepalive_time, {10'000, 3'600'000},
               "How often a connection in use is asked for a sign of life.");
  settings.add("armada-keepalive-timeout", armada.keepalive_timeout, {1000, 600'000},
               "How long that sign may take before the connection counts as dead.");
  settings.rarely_needed();
  settings.add("armada-connect-timeout", armada.connect_timeout, {100, 600'000},
               "How long a connection to Armada may take to come about.");
  settings.add("armada-reconnect-max", armada.max_reconnect_backoff, {100, 600'000},
               "Longest pause before a lost connection is made again.");
  settings.add_bytes("armada-stream-window-bytes", armada.stream_window_bytes, range::kMessageBytes,
                     "What HTTP/2 may hold of one stream before it is read.");
}

base::Status check(const rpc::ChannelOptions& armada, const ArmadaCredentials& credentials) {
  if (armada.target.empty()) return wrong("setting 'armada' is not set; it must be HOST:PORT");
  if (auto checked = check_address("armada", armada.target); !checked) return checked;
  if (credentials.user.find(':') != std::string::npos) {
    return wrong("setting 'armada-user' holds a colon, which ends a basic user name");
  }
  if (credentials.user.empty() != credentials.password_file.empty()) {
    return wrong("settings 'armada-user' and 'armada-password-file' need each other");
  }
  if (!credentials.user.empty() && !credentials.token_file.empty()) {
    return wrong("settings 'armada-user' and 'armada-token-file' exclude each other");
  }
  if (auto found = check_file("armada-ca-file", armada.ca_file); !found) return found;
  if (auto found = check_file("armada-password-file", credentials.password_file); !found) {
    return found;
  }
  if (auto found = check_file("armada-token-file", credentials.token_file); !found) return found;
  if (auto sound = rpc::check(armada, to_rpc(credentials)); !sound) {
    return wrong(sound.error().message +
                 "; settings 'armada-tls', 'armada-ca-file', 'armada-plaintext-credentials'");
  }
  return {};
}

rpc::Credentials to_rpc(const ArmadaCredentials& credentials) {
  if (!credentials.user.empty()) {
    return {rpc::CredentialKind::kBasic, credentials.user, credentials.password_file};
  }
  if (!credentials.token_file.empty()) {
    return {rpc::CredentialKind::kBearer, "", credentials.token_file};
  }
  return {};
}

}  // namespace armada_cache::app
